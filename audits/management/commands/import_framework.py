"""Import a requirement library: an OSCAL catalogue or profile, YAML with requirement_nodes, or a table."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.frameworks.places import UnreadableFramework
from audits.frameworks.reading import MAX_BYTES, read_framework
from audits.import_plan import BaselinePlan, Options, Plan, plan_import
from audits.import_run import run_import
from core.lifecycle import Refused
from people.models import Person

SHOWN = 20


class Command(BaseCommand):
    help = "Import a requirement library: OSCAL (JSON, XML, YAML), YAML with requirement_nodes, CSV or XLSX."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, change nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON on the last line")
        parser.add_argument("--title", default="", help="of the library, where the file names none or another")
        parser.add_argument("--edition", default="", help="of the library, where the file names none or another")
        parser.add_argument("--code", default="", help="of a new library; else the next free one")
        parser.add_argument(
            "--library", default="", metavar="CODE", help="that a profile selects from, or whose next edition this is"
        )
        parser.add_argument("--by", metavar="EMAIL", help="in whose name; else the portal's")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = Options(options["title"], options["edition"], options["code"], options["library"])
        by = self._person(options["by"])
        data = self._bytes(options["file"])
        try:
            content = read_framework(data, options["file"].name)
            if options["dry_run"]:
                plan = plan_import(content, chosen, by=by)
            else:
                sha256 = hashlib.sha256(data).hexdigest()
                plan = run_import(content, chosen, by=by, file_name=options["file"].name, sha256=sha256)
        except UnreadableFramework as problem:
            raise CommandError("\n".join(str(one) for one in problem.problems)) from problem
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self._report(plan)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed: this was a dry run.")
        line = plan.last_line()
        words = ", ".join(f"{count} {name}" for name, count in line.items())
        self.stdout.write(json.dumps(line) if options["json"] else words)

    def _bytes(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}.") from problem

    def _person(self, email: str | None) -> Person | None:
        if not email:
            return None
        found = Person.objects.active().filter(email__iexact=email).first()
        if found is None:
            raise CommandError(f"Nobody here signs in as {email}.")
        return found

    def _report(self, plan: Plan | BaselinePlan) -> None:
        if isinstance(plan, BaselinePlan):
            self.stdout.write(f"{plan.profile.title} selects from {plan.framework.code} {plan.framework}.")
            for key in plan.missing[:SHOWN]:
                self.stdout.write(f"    not in the library: {key}")
            return
        library = plan.library
        self.stdout.write(f"{library.title} {library.edition}".strip())
        for selection in library.selections:
            self.stdout.write(f"    {selection.title}: {len(selection.ids)} requirements")
        if plan.previous:
            self.stdout.write(f"Compared with {plan.previous.code} {plan.previous}:")
            for name in ("added", "changed", "withdrawn"):
                changes = getattr(plan, name)
                labels = ", ".join(change.label for change in changes[:SHOWN])
                self.stdout.write(f"    {len(changes)} {name}" + (f": {labels}" if labels else ""))
            self.stdout.write(f"    {plan.links_carried} links carried over, {plan.links_to_check} to be checked")
