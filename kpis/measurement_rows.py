"""Rows of a file read as entries of KPIs, each with its number and what is wrong with it."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from core.lifecycle import Invalid, Refused
from core.safe.spreadsheet import UnreadableTable, read_rows
from kpis.measuring import Entry, problems_of, refuse_unless_open
from kpis.models import Kpi, MeasurementImport, Way
from kpis.numbers import UnreadableNumber, decimal_mark_of, parse_number
from kpis.periods import Calendar, UnreadablePeriod, parse_period

SAMPLE = 500  # rows that show the decimal mark of a column
NUMBERS = ("value", "numerator", "failures", "denominator")


@dataclass(slots=True)
class Row:
    """One line of the file: the entry of a KPI, or what is wrong, by field."""

    line: int
    kpi: Kpi | None = None
    entry: Entry | None = None
    problems: dict[str, str] = field(default_factory=dict)


def table_rows(kept: MeasurementImport) -> Iterator[list[str]]:
    """All rows of the file, the headings first; raises ``UnreadableTable``."""
    return read_rows(io.BytesIO(bytes(kept.content)), kept.file_name)


class RowReader:
    """Reads the rows of one import as its mapping and options say. Asks for KPIs once; then no database."""

    def __init__(self, kept: MeasurementImport, *, by: Any, today: date | None = None) -> None:
        self.kept, self.by = kept, by
        self.mapping: dict[str, int] = kept.mapping
        self.today = today or timezone.localdate()
        self.reason = kept.options.get("reason", "")
        self.day_first = kept.options.get("day_first", True)
        visible = Kpi.objects.visible_to(by).prefetch_related("definitions")
        self.kpis = {kpi.code.casefold(): kpi for kpi in visible} if kept.kpi_id is None else {}
        self.only = visible.filter(pk=kept.kpi_id).first() if kept.kpi_id else None
        if kept.kpi_id and self.only is None:
            raise Refused(_t("This KPI is not there any more."))
        self._closed: dict[int, str] = {}
        self._period = lru_cache(maxsize=4096)(self._read_period)

    def __iter__(self) -> Iterator[Row]:
        rows = table_rows(self.kept)
        next(rows, None)
        sample = list(islice(rows, SAMPLE))
        self.marks = {name: self._mark(name, sample) for name in NUMBERS if name in self.mapping}
        line = 1
        for part in (sample, rows):
            for cells in part:
                line += 1
                yield self._row(line, cells)

    def _mark(self, name: str, sample: list[list[str]]) -> str | None:
        """The decimal mark of a column: as chosen, as its numbers show, or the point in a workbook."""
        chosen = self.kept.options.get("decimal_mark")
        if chosen:
            return chosen
        shown = decimal_mark_of([self._cell(cells, name) for cells in sample])
        return shown or ("." if self.kept.file_name.lower().endswith(".xlsx") else None)

    def _cell(self, cells: list[str], name: str) -> str:
        column = self.mapping.get(name)
        return cells[column].strip() if column is not None and column < len(cells) else ""

    def _row(self, line: int, cells: list[str]) -> Row:
        row = Row(line)
        row.kpi = self.only or self._kpi(row, self._cell(cells, "kpi"))
        if row.kpi is None:
            return row
        if closed := self._why_closed(row.kpi):
            row.problems["kpi"] = closed
            return row
        values = self._values(row, cells)
        if not row.problems:
            row.entry = Entry(**values)
            row.problems = problems_of(row.kpi, row.entry, self.today)
        return row

    def _kpi(self, row: Row, code: str) -> Kpi | None:
        if not code:
            row.problems["kpi"] = _t("Enter the code of the KPI.")
            return None
        kpi = self.kpis.get(code.casefold())
        if kpi is None:
            row.problems["kpi"] = _t("There is no KPI “%(code)s”. Check the code.") % {"code": code[:80]}
        return kpi

    def _why_closed(self, kpi: Kpi) -> str:
        """Why this KPI takes no values of this person; asked once for each KPI."""
        if kpi.pk not in self._closed:
            try:
                refuse_unless_open(kpi, by=self.by, way=Way.FILE)
                self._closed[kpi.pk] = ""
            except Refused as refusal:
                self._closed[kpi.pk] = str(refusal.message)
        return self._closed[kpi.pk]

    def _values(self, row: Row, cells: list[str]) -> dict[str, Any]:
        kpi = row.kpi
        values: dict[str, Any] = {"reason": self._cell(cells, "reason") or self.reason}
        values["comment"] = self._cell(cells, "comment")
        values["evidence"] = self._cell(cells, "evidence")[:500]
        for number in (1, 2):
            values[f"dimension_{number}"] = self._cell(cells, f"dimension_{number}") if kpi.dimension_1 else ""
        if not kpi.dimension_2:
            values["dimension_2"] = ""
        try:
            values["period"] = self._period(self._cell(cells, "period"), kpi.grain, kpi.calendar)
        except Invalid as problem:
            row.problems["period"] = str(problem.message)
        for name in NUMBERS:
            values[name] = self._number(row, name, self._cell(cells, name))
        if kpi.kind == Kpi.Kind.SUBGROUP:
            values["subgroup"] = self._subgroup(row, self._cell(cells, "subgroup"))
        if text := self._cell(cells, "left_out_count"):
            values["left_out_count"] = self._whole(row, text)
        failures = values.pop("failures")
        if failures is not None and values["numerator"] is None and values["denominator"] is not None:
            values["numerator"] = values["denominator"] - failures
            if values["numerator"] < 0 or failures < 0:
                row.problems["failures"] = _t("The cases that failed must lie between 0 and the denominator.")
        return values

    def _read_period(self, text: str, grain: str, calendar: Calendar) -> date:
        try:
            return parse_period(text, grain, calendar, day_first=self.day_first)
        except UnreadablePeriod as problem:
            raise Invalid(period_problem_words(problem, text, grain)) from None

    def _number(self, row: Row, name: str, text: str) -> Decimal | None:
        if not text:
            return None
        try:
            return parse_number(text, self.marks.get(name))
        except UnreadableNumber as problem:
            row.problems[name] = number_words(problem, text)
            return None

    def _subgroup(self, row: Row, text: str) -> tuple[Decimal, ...] | None:
        parts = [part for part in re.split(r"[;|]", text) if part.strip()]
        numbers = [self._number(row, "subgroup", part.strip()) for part in parts]
        return tuple(number for number in numbers if number is not None) or None

    def _whole(self, row: Row, text: str) -> int | None:
        if re.fullmatch(r"\d{1,9}", text):
            return int(text)
        row.problems["left_out_count"] = _t("Enter a whole number that is not negative.")
        return None


def number_words(problem: UnreadableNumber, text: str) -> str:
    """What is wrong with a number, and what to do."""
    shown = {"text": text[:40]}
    return {
        "text": _t("“%(text)s” is not a number."),
        "two_ways": _t("“%(text)s” can be read in two ways. Choose the decimal mark."),
        "mark": _t("“%(text)s” uses another decimal mark than the column. Choose the decimal mark or correct it."),
        "large": _t("“%(text)s” is too large. Enter at most 18 digits before the decimal mark."),
        "decimals": _t("“%(text)s” has too many decimals. Enter at most 15."),
    }[problem.reason] % shown


def period_problem_words(problem: UnreadablePeriod, text: str, grain: str) -> str:
    """What is wrong with a period, and what to do."""
    if not text:
        return _t("Enter a period.")
    if problem.reason == "grain" and problem.start:
        return _t("“%(text)s” is not the first day of a %(grain)s. Enter %(day)s.") % {
            "text": text[:40],
            "grain": str(Kpi.Grain(grain).label).lower(),
            "day": date_format(problem.start, "DATE_FORMAT"),
        }
    if problem.reason == "range":
        return _t("“%(text)s” is too far away. Enter a period between 1900 and 2199.") % {"text": text[:40]}
    return _t("“%(text)s” is not a period. Enter, for example, %(example)s.") % {
        "text": text[:40],
        "example": {"day": "2026-03-02", "week": "2026-W10", "month": "2026-03", "quarter": "2026-Q1"}[grain],
    }


def headings_of(content: bytes, name: str) -> list[str]:
    """The headings of a file; raises ``UnreadableTable`` for a file without rows."""
    rows = read_rows(io.BytesIO(content), name)
    headings = next(rows, None)
    if headings is None or next(rows, None) is None:
        raise UnreadableTable(_t("The file holds no rows. It needs a line of headings and at least one row."))
    return [heading.strip()[:100] for heading in headings]
