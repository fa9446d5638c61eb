"""Take over people, departments, managers and job roles from a table."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.safe.spreadsheet import UnreadableTable
from people.importing import carry_out, make_plan
from people.people_table import named_rows, read_table


class Command(BaseCommand):
    help = "Take over people, departments, managers and job roles from a CSV or XLSX file; repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would change, change nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON on the last line")
        parser.add_argument("--others-left", action="store_true", help="deactivate who is not in the file")
        parser.add_argument("--send-links", action="store_true", help="mail new people a link to set a password")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            with file.open("rb") as table:
                rows, unknown = named_rows(read_table(table, file.name))
        except (OSError, UnreadableTable) as problem:
            raise CommandError(str(problem)) from problem
        plan = make_plan(rows, by=None, others_left=options["others_left"])
        for name in unknown:
            self.stderr.write(f"column “{name}” means nothing here")
        for row in plan.rows:
            if row.outcome != "unchanged":
                self.stdout.write(self._line(row))
        left: list[Any] = []
        if not options["dry_run"]:
            left = carry_out(plan, by=None, reason=f"import of {file.name}", send_links=options["send_links"])
        for person in left:
            self.stdout.write(f"left: {person.email}; what they held: /people/{person.pk}/hand-over/")
        counts = plan.counts()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(", ".join(f"{number} {name}" for name, number in counts.items()))

    def _line(self, row: Any) -> str:
        if row.problems:
            said = "; ".join(row.problems)
        else:
            said = "; ".join(
                f"{change.field}: {change.before or '–'} → {change.after or '–'}" for change in row.changes
            )
        return f"line {row.line or '–'}: {row.outcome} {row.email} {said}".rstrip()
