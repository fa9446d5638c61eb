"""Put a backup in the place of an empty portal."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, connection

from processportal import archive
from processportal.services.running import portal_runs


class Command(BaseCommand):
    """`manage.py restore FILE`, while the portal does not run."""

    help = "Restore a backup into an empty portal; with --force, in the place of what is there."
    requires_system_checks: list[str] = []  # the database may be empty

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace a portal that is not empty")

    def handle(self, *args: Any, file: Path, force: bool, **options: Any) -> None:
        if portal_runs():
            raise CommandError("The portal is running with this data. Stop it first.")
        if others := archive.others_at_work():
            raise CommandError(f"The portal is running: {others} connections. Stop web, worker and beat first.")
        try:
            manifest = archive.restore(file.absolute(), force=force)
        except (archive.ArchiveError, OSError) as error:
            raise CommandError(str(error)) from error
        except ProgrammingError as error:
            role = connection.settings_dict["USER"]
            said = f"The role {role} may not replace the database ({str(error).strip()})."
            raise CommandError(f"{said} DATABASE_URL must name the owner of the tables.") from error
        self.stdout.write(f"Restored the portal of {manifest['made_at']} with {manifest['attachments']} attachments.")
