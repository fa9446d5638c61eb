"""What a management command needs before Django starts: which services, and which database role."""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

from processportal.services.lease import start
from processportal.services.places import Place

CHECKOUT = Path(__file__).resolve().parent.parent.parent
WITHOUT_SERVICES = {
    *("help", "version", "check", "makemigrations", "makemessages", "compilemessages", "collectstatic"),
    *("findstatic", "diffsettings", "startapp", "startproject", "sendtestemail"),
}
AS_OWNER = {"migrate", "createcachetable", "sqlmigrate", "sqlflush", "flush", "dbshell", "test", "backup", "restore"}
WITH_BROKER = {"runserver", "selfcheck"}


def read_env_file(file: Path = CHECKOUT / ".env") -> None:
    """What stands in `.env` beside manage.py counts as if it were set, however the portal is started; what is set
    already counts more."""
    if file.exists():
        environ.Env.read_env(file)


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """PORTAL_DATA, by default `var` beside manage.py."""
    return Path(environment.get("PORTAL_DATA") or CHECKOUT / "var")


def prepare(arguments: list[str]) -> Place | None:
    """Start what this command line needs and choose its database role; None when it needs nothing."""
    read_env_file()
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in AS_OWNER:
        os.environ.setdefault("PORTAL_DATABASE_ROLE", "owner")
    if command == "runserver":
        os.environ.setdefault("DEBUG", "1")
    asks_the_database = command not in WITHOUT_SERVICES or (command == "check" and "--database" in arguments)
    if not asks_the_database or {"-h", "--help", "--version"} & set(arguments) or os.environ.get("DATABASE_URL"):
        return None
    if os.environ.get("RUN_MAIN") == "true":
        return None  # the reloader above this process holds the lease for both
    return start(data_folder(), broker=command in WITH_BROKER and not os.environ.get("REDIS_URL"))
