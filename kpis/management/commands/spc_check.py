import json
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kpis.spc.published import Case, UnknownShape, cases_of


class Command(BaseCommand):
    help = (
        "Compare the portal's statistics with published figures, case by case. Fails if one is outside its tolerance."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON files with published figures")
        parser.add_argument("--only-outside", action="store_true", help="print only cases outside their tolerance")

    def handle(self, *_args: object, **options: Any) -> None:
        checked = outside = 0
        unread: list[Path] = []
        for path in options["files"]:
            try:
                cases = cases_of(_read(path))
            except UnknownShape as problem:
                unread.append(path)
                self.stdout.write(f"{path.name}: {problem}")
                continue
            except (KeyError, TypeError, ValueError) as problem:
                raise CommandError(f"{path.name} is not of a shape that can be checked: {problem!r}") from problem
            self.stdout.write(f"{path.name}: {len(cases)} cases")
            for case in cases:
                checked += 1
                outside += not case.is_inside
                if not (options["only_outside"] and case.is_inside):
                    self.stdout.write(_line(case))
        self.stdout.write(f"{checked} cases, {checked - outside} inside their tolerance, {outside} outside")
        if outside:
            raise CommandError(f"{outside} of {checked} cases are outside their tolerance.")
        if unread and not checked:
            raise CommandError("No file holds figures that can be checked.")


def _read(path: Path) -> dict[str, Any]:
    """The file's content with figures as decimals, so that published digits stay as printed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise CommandError(f"{path} is not valid JSON: {problem}") from problem
    if not isinstance(content, dict):
        raise CommandError(f"{path} holds no object with cases.")
    return content


def _line(case: Case) -> str:
    verdict = "inside " if case.is_inside else "OUTSIDE"
    allowed = "equal" if case.tolerance is None else f"± {case.tolerance:.3g}"
    return f"  {verdict}  {case.name}: computed {_shown(case.computed)}, published {_shown(case.published)} ({allowed})"


def _shown(value: Any) -> str:
    """Figures with the digits that matter; exact decimals with twenty."""
    if isinstance(value, Decimal):
        return f"{value:.20g}".rstrip("0").rstrip(".") if "." in f"{value:.20g}" else f"{value:.20g}"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
