"""`manage.py verify [--json] [check …]`: is everything as it should be? Ends with 1 when something is not."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.verification import check_names, keep_result, run_checks


class Command(BaseCommand):
    help = "Check that everything is as the audit log says. Changes nothing but for a line there with the result."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checks", nargs="*", help="names of single checks; all of them without")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if unknown := sorted(set(options["checks"]) - set(check_names())):
            raise CommandError(f"There is no check {', '.join(unknown)}. There are: {', '.join(check_names())}.")
        results = run_checks(options["checks"])
        if not options["checks"]:
            keep_result(results)
        found = sum(len(findings) for findings in results.values())
        if options["json"]:
            listed = {name: [finding.message for finding in findings] for name, findings in results.items()}
            self.stdout.write(json.dumps({"ok": not found, "checks": listed}))
        else:
            self._say(results, found)
        if found:
            sys.exit(1)

    def _say(self, results: dict[str, Any], found: int) -> None:
        for name, findings in results.items():
            self.stdout.write(f"{name}: {'ok' if not findings else f'{len(findings)} findings'}")
            for finding in findings:
                self.stdout.write(f"  {finding.message}")
        self.stdout.write(
            "Everything is as it should be." if not found else f"{found} things are not as they should be."
        )
