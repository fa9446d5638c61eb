"""Import BPMN files as maps: `manage.py import_maps PATH [--dry-run] [--json] [--as E-MAIL]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.models import Person
from processes.map_import import FileResult, Totals, import_files
from processes.maps import WRITE


class Command(BaseCommand):
    """Each file becomes a map with a draft; a file that was imported before is found again and nothing is written."""

    help = "Import BPMN 2.0 files as maps, each with a draft. Twice is once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="A BPMN file, or a folder with files below it")
        parser.add_argument("--dry-run", action="store_true", help="Only read and count; nothing is stored")
        parser.add_argument("--json", action="store_true", help="One JSON line a file, the totals last")
        parser.add_argument("--as", dest="person", default="", help="E-mail address of the person who imports")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        if not path.exists():
            raise CommandError(f"There is no file or folder “{path}”.")
        person = None if options["dry_run"] else self._person(options["person"])
        totals = Totals()
        for result in import_files(path, by=person):
            totals.add(result)
            self._say(result, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(totals.as_data(), ensure_ascii=False))
        else:
            self.stdout.write(f"{totals.readable} of {totals.files} files read, {totals.started} maps started.")

    def _say(self, result: FileResult, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result.as_data(), ensure_ascii=False))
        elif result.error:
            where = f", line {result.line}" if result.line else ""
            self.stdout.write(f"{result.file}{where}: {result.error}")
        else:
            became = f" → {result.code}" if result.code else ""
            self.stdout.write(f"{result.file}: {result.counts['flow_nodes']} elements{became}")
            for said in result.warnings:
                self.stdout.write(f"  {said}")

    @staticmethod
    def _person(email: str) -> Person:
        """The person who imports: named, or the first process officer."""
        people = Person.objects.filter(is_active=True)
        person = people.filter(email__iexact=email).first() if email else None
        if not email:
            person = people.filter(groups__name="officer").order_by("pk").first()
        if person is None or not person.has_perm(WRITE):
            raise CommandError("Name a person who may draw maps: --as officer@example.org")
        return person
