"""`make run`: the whole portal in one terminal, from nothing."""

import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from portal.demo.sign_ins import SIGN_INS, Outcome
from processportal.services import ServiceError, beforehand, credentials, locate, running, start
from processportal.services.children import Children, say
from processportal.services.command_line import data_folder, read_env_file
from processportal.services.mode import DEMO, LIVE, decide, mode_of

FALSE = {"0", "no", "false", "off"}
FIRST_PAGE_PATIENCE = 60
ROOM_NEEDED = 300  # MiB; the database alone begins with a hundred and writes as much again beside it
PDF_LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


def main() -> None:
    """Prepare everything, run it, and stop all of it on Ctrl-C."""
    began = time.monotonic()
    read_env_file()
    port = _port()
    data = data_folder().resolve()
    _only_once(data)
    _refuse_taken(port)
    _refuse_full(data)
    environment = _environment(port, demo=_is_demo(data))
    os.environ.update(environment)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        _prepare(data, environment)
        environment["PORTAL_DEMO"] = os.environ["PORTAL_DEMO"] = _decided(data)
        children = Children(environment, data / "log")
        try:
            _run(children, data, port, began)
        finally:
            say("\nStopping …")
            children.stop()
    except KeyboardInterrupt:
        pass
    except ServiceError as error:
        sys.exit(str(error))


def _prepare(data: Path, environment: dict[str, str]) -> None:
    static_files, database = beforehand.static_files(), beforehand.database(data, demo=_is_demo(data))
    static_files.begin(environment)
    if not os.environ.get("DATABASE_URL"):
        say("Starting the database …")
        start(data, broker=not os.environ.get("REDIS_URL"))
    elif not os.environ.get("REDIS_URL"):
        raise ServiceError("DATABASE_URL is set but REDIS_URL is not: say where Redis is, too.")
    else:
        credentials.ensure(data)  # the secret key and the demo's password, as for an embedded database
    database.begin(environment)
    database.finish()
    static_files.finish()


def _run(children: Children, data: Path, port: int, began: float) -> None:
    _start_web(children, port)
    _wait_for_first_page(children, port)
    _start_workers(children)  # afterwards, so that the first page does not wait for them
    _tell_missing_libraries()
    _tell_address(data, port, time.monotonic() - began)
    while children.watch_once():
        time.sleep(1)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        sys.exit(f"PORT={given} is not a port. Try: make run PORT=8001")
    return int(given)


def _only_once(data: Path) -> None:
    if not running.hold(data):
        sys.exit(f"This portal already runs with the data in {data}. Stop it there with Ctrl-C, or set PORTAL_DATA.")


def _refuse_taken(port: int) -> None:
    reason = _why_not_free(port)
    if reason is None:
        return
    if reason == errno.EACCES:
        sys.exit(f"Port {port} is for root only on this machine. Try: make run PORT=8000")
    if reason != errno.EADDRINUSE:
        sys.exit(f"HOST={_host()} is no address of this machine.")
    other = next((number for number in range(port + 1, min(port + 50, 65536)) if not _why_not_free(number)), None)
    offer = f" Try: make run PORT={other}" if other else ""
    sys.exit(f"Port {port} is taken by another program.{offer}")


def _refuse_full(data: Path) -> None:
    """A new database that runs out of room while it is made says so in nobody's words."""
    home = locate(data).home
    if os.environ.get("DATABASE_URL") or (home / "postgres").exists():
        return
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free // 2**20
    if free < ROOM_NEEDED:
        sys.exit(f"The disk is nearly full: {free} MiB are left at {nearest}, a new portal needs {ROOM_NEEDED}.")


def _why_not_free(port: int) -> int | None:
    """Nothing where the portal can listen, else the number of the error."""
    family = socket.AF_INET6 if ":" in _host() else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((_host(), port))
        except OSError as error:
            return error.errno
    return None


def _host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def _is_demo(data: Path) -> bool:
    """Whether these data are a demo's, or may become one. A portal that was set up for real never does."""
    wanted = (os.environ.get("DEMO") or "").lower()
    if mode_of(data) == LIVE:
        if wanted and wanted not in FALSE:
            sys.exit(
                f"The portal in {data} was set up without the demo and never becomes one.\n"
                "See the demo beside it: PORTAL_DATA=/another/folder make run"
            )
        return False
    return (wanted or "1") not in FALSE


def _decided(data: Path) -> str:
    """Keep what the data are, now that they have been looked at; "1" for a demo, else "0"."""
    is_demo = _is_demo(data) and not _is_somebodys(data)
    if not (mode_of(data) == DEMO and not is_demo):  # a demo that is switched off for once stays one
        decide(data, DEMO if is_demo else LIVE)
    return str(int(is_demo))


def _environment(port: int, *, demo: bool) -> dict[str, str]:
    added = {
        "DJANGO_SETTINGS_MODULE": "processportal.settings",
        "PORT": str(port),
        "PORTAL_DEMO": str(int(demo)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
    }
    return os.environ | added


def web_command(port: int) -> list[str]:
    """The web server, as it is started here."""
    workers = min(4, max(2, os.cpu_count() or 1))
    web = ["granian", "--interface", "rsgi", "--host", _host(), "--port", str(port), "--workers", str(workers)]
    # HTTP/1 alone: while granian finds out which HTTP is spoken, it waits for ever for who says nothing.
    web += ["--http", "1", "--http1-header-read-timeout", "20000", "--no-ws", "--log-level", "warning"]
    web += ["processportal.web:application"]
    return [sys.executable, "-m", *web]


def _start_web(children: Children, port: int) -> None:
    children.start("web", web_command(port))


def _start_workers(children: Children) -> None:
    python = [sys.executable, "-m"]
    celery = ["celery", "--app", "processportal", "--quiet"]
    worker = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    children.start("worker", python + celery + worker)
    children.start("beat", [*python, *celery, "beat", "--pidfile=", "--loglevel", "INFO"])


def _wait_for_first_page(children: Children, port: int) -> None:
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # http_proxy is for other machines
    address = f"http://{_reachable_host()}:{port}/healthz/ready"
    deadline = time.monotonic() + FIRST_PAGE_PATIENCE
    while time.monotonic() < deadline:
        try:
            ask(address, timeout=5).close()
        except (URLError, OSError):
            if not children.watch_once():
                sys.exit(1)
            time.sleep(0.1)
        else:
            return
    sys.exit("The portal does not answer; its log is above.")


def _reachable_host() -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(_host(), _host())  # noqa: S104 - a comparison
    return f"[{reachable}]" if ":" in reachable else reachable


def _tell_missing_libraries() -> None:
    missing = [name for name in PDF_LIBRARIES if not _loads(name)]
    if sys.platform == "linux" and missing:
        say("PDF files cannot be made here; everything else works. On Debian and Ubuntu install what is missing:")
        say("  apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _tell_address(data: Path, port: int, seconds: float) -> None:
    say(f"\nThe portal runs ({seconds:.0f} s). Stop it with Ctrl-C.\n")
    if os.environ.get("PORTAL_DEMO") == "1":
        password = os.environ.get("PORTAL_DEMO_PASSWORD") or credentials.read(data)["demo"]
        for address, role in SIGN_INS:
            say(f"  {address:<24} {role}")
        say(f"  {'Password for all:':<24} {password}\n")
    elif _is_somebodys(data) and mode_of(data) != DEMO:
        say("  Somebody works with this portal already, so the demo organisation was not added.")
        say("  See it beside yours: PORTAL_DATA=/another/folder make run\n")
    else:
        _tell_set_up()
    say(f"  {os.environ.get('PORTAL_BASE_URL') or f'http://localhost:{port}'}/")


def _is_somebodys(data: Path) -> bool:
    """Whether people were here before the demo organisation could be made."""
    note = data / beforehand.DEMO_NOTE
    return note.exists() and note.read_text() == Outcome.IN_USE.value


def _tell_set_up() -> None:
    """Where the first administrator begins, while nobody has an account."""
    asked = [sys.executable, "manage.py", "first_administrator"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        say(f"  Nobody has an account yet. The first one is made here:\n  {answer.stdout.strip()}\n")


def _interrupt(*_: object) -> None:
    """Stop once, in order: a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
