"""The embedded services survive what happens to programs: several at once, kill -9, moved and emptied folders."""

import errno
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import psycopg2
import pytest

from processportal import reset_demo, run
from processportal.services import command_line, credentials, locate, places, postgres
from processportal.services.children import Child, Children
from processportal.services.lease import Lease
from processportal.services.postgres import Postgres
from processportal.services.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def data(tmp_path):
    """A data folder of its own; what was started for it is stopped, what lies outside it is removed."""
    yield tmp_path / "data"
    place = locate(tmp_path / "data")
    if (place.home / "postgres").exists():
        Valkey(place).stop()
        Postgres(place, {}).stop()
        shutil.rmtree(place.home)


def rows_of(place, role="app"):
    user = {"app": postgres.APP, "owner": postgres.OWNER}[role]
    password = credentials.read(place.data)[role]
    connection = psycopg2.connect(host=str(place.run), dbname=postgres.DATABASE, user=user, password=password)
    connection.autocommit = True
    return connection


def ask(place, statement, role="app"):
    connection = rows_of(place, role)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        answer = cursor.fetchall() if cursor.description else None
    connection.close()
    return answer


def holder(data):
    """Another process that holds the services until its input is closed."""
    code = f"""
from pathlib import Path
from processportal.services import start
start(Path({str(data)!r}))
print("up", flush=True)
input()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.faults
def test_the_services_live_while_somebody_uses_them_and_hold_what_was_committed(data):
    lease = Lease(locate(data))
    lease.start(broker=True)
    place = lease.place
    assert Postgres(place, {}).is_ready()
    assert Valkey(place).is_ready()
    ask(place, "CREATE TABLE kept (word text)", "owner")
    ask(place, "INSERT INTO kept VALUES ('committed')", "owner")
    assert ask(place, "SHOW data_checksums") == [("on",)]
    assert ask(place, "SHOW listen_addresses") == [("",)]

    other = holder(data)
    lease.close()
    assert Postgres(place, {}).is_ready(), "one command ended and took the database from under another"

    other.communicate("\n")
    assert not Postgres(place, {}).is_ready()
    assert not Valkey(place).is_ready()

    again = Lease(locate(data))
    again.start(broker=False)
    assert ask(place, "SELECT word FROM kept", "owner") == [("committed",)]
    again.close()


@pytest.mark.faults
def test_after_kill_9_of_everything_the_next_start_recovers(data):
    first = holder(data)
    place = locate(data)
    ask(place, "CREATE TABLE kept (word text)", "owner")
    ask(place, "INSERT INTO kept VALUES ('committed')", "owner")
    server = int((place.home / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    os.kill(server, signal.SIGKILL)

    second = Lease(locate(data))
    second.start(broker=True)
    assert ask(place, "SELECT word FROM kept", "owner") == [("committed",)]
    second.close()
    assert not Postgres(place, {}).is_ready()


@pytest.mark.faults
def test_after_kill_9_of_the_user_alone_the_next_one_takes_over_and_stops(data):
    first = holder(data)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    place = locate(data)
    assert Postgres(place, {}).is_ready()
    second = Lease(place)
    second.start(broker=False)
    second.close()
    assert not Postgres(place, {}).is_ready()


@pytest.mark.faults
def test_a_long_path_still_gets_a_socket(tmp_path):
    data = tmp_path / ("long-" * 20) / ("path-" * 20)
    lease = Lease(locate(data))
    lease.start(broker=True)
    try:
        assert len(os.fsencode(lease.place.run / places.SOCKET_NAME)) <= places.LONGEST_SOCKET_PATH
        assert ask(lease.place, "SELECT 1") == [(1,)]
    finally:
        lease.close()
        shutil.rmtree(lease.place.home)


def test_credentials_are_made_once_and_only_their_owner_reads_them(tmp_path):
    made = credentials.ensure(tmp_path)
    assert credentials.ensure(tmp_path) == made
    assert stat.S_IMODE((tmp_path / credentials.FILE).stat().st_mode) == 0o600
    assert len(set(made.values())) == len(made)
    assert len(made["SECRET_KEY"]) >= 50


def test_a_moved_folder_finds_its_database_and_a_copy_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "ROOT_HOMES", tmp_path / "homes")
    data = tmp_path / "data"
    home = locate(data).home
    (home / "postgres").mkdir(parents=True)
    data.mkdir()
    (data / "services.json").write_text(json.dumps({"home": str(home), "data": str(data)}))
    assert locate(data).home == home

    shutil.copytree(data, tmp_path / "copy")
    assert locate(tmp_path / "copy").home != home
    shutil.rmtree(tmp_path / "copy")
    data.rename(tmp_path / "moved")
    assert locate(tmp_path / "moved").home == home


def test_an_emptied_folder_is_an_empty_portal(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "ROOT_HOMES", tmp_path / "homes")
    home = locate(tmp_path / "data").home
    (home / "postgres").mkdir(parents=True)
    assert locate(tmp_path / "data").home != home


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    place = locate(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises((places.ServiceError, FileExistsError)):
        place.folder(tmp_path / "link")


def test_help_and_checks_start_nothing_and_no_migration_is_missing(tmp_path):
    environment = os.environ | {"PORTAL_DATA": str(tmp_path / "data")}
    environment.pop("PYTEST_VERSION", None)
    for command in (["migrate", "--help"], ["check"], ["makemigrations", "--check", "--dry-run"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "data" / "credentials.json").exists()
    assert not (tmp_path / "data" / "services").exists()


def test_a_taken_port_is_told_with_another_one_to_take(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = os.environ | {"PORT": str(port), "PORTAL_DATA": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-m", "processportal.run"], cwd=ROOT, env=environment, capture_output=True, text=True
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "make run PORT=" in done.stderr


@pytest.mark.parametrize(
    ("host", "error", "said"),
    [("127.0.0.1", errno.EACCES, "for root only"), ("192.0.2.1", None, "no address of this machine")],
)
def test_a_port_that_may_not_be_used_is_not_said_to_be_taken(host, error, said, monkeypatch):
    monkeypatch.setenv("HOST", host)
    if error:
        monkeypatch.setattr(run, "_why_not_free", lambda port: error)
    with pytest.raises(SystemExit, match=said):
        run._refuse_taken(free_port())


def test_a_proxy_of_this_machine_is_not_asked_for_the_portal_itself(monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(run, "FIRST_PAGE_PATIENCE", 3)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        monkeypatch.setattr(SimpleHTTPRequestHandler, "do_GET", answer_in_short)
        threading.Thread(target=server.handle_request, daemon=True).start()
        run._wait_for_first_page(Children({}, tmp_path), server.server_port)


def answer_in_short(request):
    request.send_response_only(200)
    request.end_headers()


def test_a_full_disk_is_told_before_anything_is_started(monkeypatch, tmp_path):
    monkeypatch.setattr(run, "ROOM_NEEDED", 2**40)
    with pytest.raises(SystemExit, match="nearly full"):
        run._refuse_full(tmp_path)


def test_a_program_is_read_on_although_its_lines_cannot_be_kept(tmp_path):
    """More than a pipe holds: it would wait for a reader for ever."""
    lines = [sys.executable, "-c", "for n in range(4000): print('x' * 60)"]
    child = Child("chatty", lines, tmp_path / "missing" / "chatty.log")
    child.start(dict(os.environ))
    assert child.process.wait(30) == 0


def test_reset_demo_removes_nothing_where_nobody_can_be_asked(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _question: (_ for _ in ()).throw(EOFError))
    assert reset_demo._answer() == ""


def test_what_stands_in_the_env_file_is_known_before_services_are_started(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("PORTAL_DATA=/from/the/file\nDATABASE_URL=postgres://a:b@c/d\n")
    monkeypatch.setattr(command_line.read_env_file, "__defaults__", (file,))
    monkeypatch.setenv("PORTAL_DATA", "/what/is/set")
    monkeypatch.setenv("DATABASE_URL", "")  # so that it is taken away again afterwards
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setattr(command_line, "start", lambda *_arguments, **_options: pytest.fail("was started"))
    assert command_line.prepare(["manage.py", "verify"]) is None
    assert os.environ["PORTAL_DATA"] == "/what/is/set"


def test_production_does_not_start_without_a_secret_key(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://a:b@c/d", "PORTAL_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "Set SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_a_database_of_ones_own_make_run_makes_the_key_too(tmp_path):
    """The database that is named does not answer: nothing is started, but nobody is asked for a key."""
    environment = {"PATH": os.environ["PATH"], "PORTAL_DATA": str(tmp_path), "PORT": str(free_port())}
    environment |= {"DATABASE_URL": "postgres://a:b@127.0.0.1:1/d", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-m", "processportal.run"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "SECRET_KEY" not in done.stderr
    assert "Connection refused" in done.stderr
    assert len(credentials.read(tmp_path)["SECRET_KEY"]) >= 50


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as line:
        return line.getsockname()[1]
