"""Write the whole portal into one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from processportal import archive


class Command(BaseCommand):
    """`manage.py backup FILE`, also while the portal runs."""

    help = "Write the database, the attachments and the ledger's anchor into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = archive.write(file.absolute())
        except (archive.ArchiveError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: the database and {manifest['attachments']} attachments, {manifest['made_at']}")
