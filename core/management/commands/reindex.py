from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.catalog_check import rebuild


class Command(BaseCommand):
    help = "Build the index entries and the words of the search again, in place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="records in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        done = rebuild(batch=options["batch"], said=self.stdout.write)
        self.stdout.write(
            f"{done.entries} entries, {done.words} words; {done.orphans} entries without a record removed"
            if done.orphans
            else f"{done.entries} entries, {done.words} words"
        )
