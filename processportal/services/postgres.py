"""Set up, start and stop the embedded PostgreSQL."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg2
from psycopg2 import sql

from processportal.services.places import Place, ServiceError
from processportal.services.programs import PostgresPrograms, postgres

DATABASE = "portal"
SUPERUSER = "postgres"
OWNER = "portal_owner"
APP = "portal_app"
PATIENCE = 60  # seconds; recovery after a crash replays the log first
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "work_mem": "16MB",  # counting the hits of a common word by four facets stays in memory
    "max_connections": "120",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Who may see a record is an index of lists. Reading the long list of what everyone may see takes several times what
    # PostgreSQL reckons by itself, and it was read where a few rows were to be looked at.
    "cpu_index_tuple_cost": "0.02",
    # What was written lately waits beside an index of words, and every search reads all of it: with the 4 MB that
    # PostgreSQL allows, a misspelt word took six times as long after an import.
    "gin_pending_list_limit": "256kB",
    "max_parallel_workers_per_gather": "0",  # many people ask at once; none may take all processors
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}


def shared_buffers() -> str:
    """A sixteenth of the machine's memory, between 128 MB and 1 GB: a page is only taken when it is used, and with less
    than the texts of the records a search reads them again each time."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    except (OSError, ValueError):
        memory = 0
    return f"{min(1024, max(128, memory // 16))}MB"


class Postgres:
    """The embedded database server of one place."""

    def __init__(self, place: Place, credentials: dict[str, str]) -> None:
        self.place = place
        self.credentials = credentials
        self.data = place.home / "postgres"
        self.log = place.home / "postgres.log"
        self.programs: PostgresPrograms = postgres(place)

    def is_ready(self) -> bool:
        """True when the server accepts connections (pg_ctl status says yes too early)."""
        command = [self.programs["pg_isready"], "-q", "-h", str(self.place.run), "-t", "3"]
        return self._run(command, check=False).returncode == 0

    def start(self) -> None:
        """Make the server answer, with both roles and the database; does nothing where it already does."""
        if self.is_ready():
            return
        self.place.folder(self.place.run)
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._create_cluster()
        self._launch()
        if fresh or not (self.place.home / "roles").exists():
            self._create_roles()
            (self.place.home / "roles").write_text("created\n")

    def stop(self) -> None:
        """Stop the server, letting running transactions roll back."""
        command = [self.programs["pg_ctl"], "-D", str(self.data), "-m", "fast", "-w", "-t", "30", "stop"]
        self._run(command, check=False)

    def _create_cluster(self) -> None:
        half = self.place.home / "postgres.new"
        shutil.rmtree(half, ignore_errors=True)
        self.place.folder(half)
        password = self.place.run / "superuser"
        password.touch(0o600)
        password.write_text(self.credentials["superuser"])
        if self.place.drops_root:
            os.chown(password, self.place.uid, self.place.gid)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.programs.major >= 17
            else ["--locale=C.UTF-8"]
        )
        try:
            self._run(
                [
                    self.programs["initdb"],
                    "-D",
                    str(half),
                    "-U",
                    SUPERUSER,
                    f"--pwfile={password}",
                    "-A",
                    "scram-sha-256",
                ]
                + ["-E", "UTF8", "--data-checksums", "--no-instructions", *locale]
            )
        finally:
            password.unlink()
        half.rename(self.data)  # only a finished cluster gets the name

    def _launch(self) -> None:
        settings = SETTINGS | {"shared_buffers": shared_buffers()} | self._kept_warm()
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [self.programs["postgres"], "-D", str(self.data), "-k", str(self.place.run), *options]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with self.log.open("ab") as log:
                server = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.place.home,
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C in the terminal is for us to answer, in our order
                    **self.place.identity(),
                )
            while server.poll() is None and time.monotonic() < deadline:
                if self.is_ready():
                    return
                time.sleep(0.05)
            if server.poll() is not None and not self._left_overs():
                break
            time.sleep(0.5)  # after kill -9 the old server's children need a moment to notice
        raise ServiceError(f"PostgreSQL does not start. The end of {self.log}:\n{self._log_tail()}")

    def _kept_warm(self) -> dict[str, str]:
        """What was in memory is read again after a start: the first who search wait for no disk. Where PostgreSQL comes
        without that part, they do."""
        part = self.programs.folder.parent / "lib" / "pg_prewarm.so"
        return {"shared_preload_libraries": "pg_prewarm"} if part.exists() else {}

    def _left_overs(self) -> bool:
        return any(sign in self._log_tail() for sign in ("pre-existing shared memory", "lock file", "is being used"))

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:]) if self.log.exists() else ""

    def _create_roles(self) -> None:
        connection = psycopg2.connect(
            host=str(self.place.run), user=SUPERUSER, password=self.credentials["superuser"], dbname="postgres"
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, rights, key in ((OWNER, "CREATEDB", "owner"), (APP, "", "app")):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                verb = "ALTER" if cursor.fetchone() else "CREATE"
                statement = sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(self.credentials[key])
                )
                cursor.execute(statement)
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )
        connection.close()

    def _run(self, command: list[str], check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=self.place.home,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
            **self.place.identity(),
        )
        if check and done.returncode:
            raise ServiceError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())
        return done


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
