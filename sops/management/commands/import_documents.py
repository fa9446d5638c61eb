"""Import procedures from Markdown and Word files, archives or JSON lines."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.lifecycle import NotAllowed
from documents.kinds import all_kinds
from people.models import Department, Person
from sops.import_plan import OUTCOMES, REFUSED, Options, Plan
from sops.import_run import import_path
from sops.importing.imported import CannotImport

PROCESSES = 2


class Command(BaseCommand):
    help = "Import procedures: a folder of Markdown and Word files, a .md, .docx, .zip, .jsonl or .jsonl.gz file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, change nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON on the last line")
        parser.add_argument(
            "--as-effective", action="store_true", help="let them take effect as approved before the portal"
        )
        parser.add_argument("--by", metavar="EMAIL", help="in whose name; else the first officer, else a superuser")
        parser.add_argument("--kind", choices=[kind.key for kind in all_kinds()], default="", help="else by the number")
        parser.add_argument("--department", metavar="CODE", help="of documents that state none")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._person(options["by"])
        chosen = Options(
            kind=options["kind"],
            department=self._department(options["department"]),
            as_effective=options["as_effective"],
            dry_run=options["dry_run"],
        )
        if not options["path"].exists():
            raise CommandError(f"There is no file or folder {options['path']}.")
        try:
            counts = import_path(options["path"], chosen, by=by, processes=PROCESSES, progress=self._report)
        except (CannotImport, NotAllowed, OSError) as problem:
            raise CommandError(str(problem)) from problem
        if options["dry_run"]:
            self.stdout.write("Nothing was changed: this was a dry run.")
        if options["json"]:
            self.stdout.write(json.dumps({name: counts[name] for name in ("read", *OUTCOMES)}))
        else:
            self.stdout.write(", ".join(f"{counts[name]} {name}" for name in ("read", *OUTCOMES)))
        if counts["read"] and counts[REFUSED] == counts["read"]:
            raise SystemExit(1)

    def _report(self, plans: list[Plan]) -> None:
        for plan in plans:
            state = " in force" if plan.adopted else ""
            said = [f"{plan.outcome}{state}", plan.code, plan.read.place, f"– {plan.reason}" if plan.reason else ""]
            self.stdout.write(" ".join(part for part in said if part))
            for warning in plan.warnings:
                self.stdout.write(f"    {warning}")

    def _person(self, email: str | None) -> Person:
        people = Person.objects.active()
        if email:
            found = people.filter(email__iexact=email).first()
            if found is None:
                raise CommandError(f"Nobody here signs in as {email}.")
            return found
        officers = people.filter(groups__name="officer").order_by("pk")
        by = officers.first() or people.filter(is_superuser=True).order_by("pk").first()
        if by is None:
            raise CommandError("There is no officer and no superuser. Name somebody with --by EMAIL.")
        self.stdout.write(f"In the name of {by} <{by.email}>.")
        return by

    def _department(self, code: str | None) -> Department | None:
        if not code:
            return None
        found = Department.objects.filter(code__iexact=code, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no department {code}.")
        return found
