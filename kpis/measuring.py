"""Entering, correcting and withdrawing measurements: one door for the form, files, the API and the portal itself."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed, Refused
from kpis.fields import check_storable
from kpis.models import Kpi, Measurement, MeasurementImport, Way
from kpis.periods import first_day, is_first_day, last_day

MOST_VALUES = 200  # in one subgroup
MOST_ENTRIES = 1000  # in one request
CHUNK = 5000

# Sent inside the transaction with: kpis (of which something changed), by.
measured = Signal()

NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value as it comes in. ``reason`` says why a value that is there already is replaced."""

    period: date
    dimension_1: str = ""
    dimension_2: str = ""
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    subgroup: tuple[Decimal, ...] | None = None
    left_out_count: int | None = None
    comment: str = ""
    evidence: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[date, str, str]:
        return self.period, self.dimension_1, self.dimension_2

    @property
    def measured(self) -> tuple[Any, ...]:
        """What was measured, without what was said about it."""
        return self.value, self.numerator, self.denominator, self.subgroup or None, self.left_out_count


class EntryProblems(Invalid):
    """Entries that cannot be stored: number of the entry → field → words."""

    def __init__(self, problems: dict[int, dict[str, str]]) -> None:
        first = next(iter(next(iter(problems.values())).values()))
        super().__init__(first)
        self.problems = problems


# --- is it right? --------------------------------------------------------------------------------------


def problems_of(kpi: Kpi, entry: Entry, today: date) -> dict[str, str]:
    """What is wrong with an entry, by field, in words; asks no database."""
    found = _period_problems(kpi, entry, today) | _breakdown_problems(kpi, entry)
    for name in ("value", "numerator", "denominator"):
        number = getattr(entry, name)
        if number is not None and (words := _storable(number)):
            found[name] = words
    if not found.keys() & {"value", "numerator", "denominator"}:
        found |= _CHECKS[kpi.kind](kpi, entry)
    if entry.left_out_count is not None and not 0 <= entry.left_out_count < 2**31:
        found["left_out_count"] = _t("Enter a whole number that is not negative.")
    return found


def _storable(number: Decimal) -> str:
    try:
        check_storable(number)
    except ValidationError as problem:
        return str(problem.messages[0])
    return ""


def _period_problems(kpi: Kpi, entry: Entry, today: date) -> dict[str, str]:
    if not is_first_day(entry.period, kpi.grain, kpi.calendar):
        nearest = first_day(entry.period, kpi.grain, kpi.calendar)
        return {
            "period": _t("%(day)s is not the first day of a %(grain)s. Enter %(nearest)s.")
            % {
                "day": date_format(entry.period, "DATE_FORMAT"),
                "grain": kpi.get_grain_display().lower(),
                "nearest": date_format(nearest, "DATE_FORMAT"),
            }
        }
    if entry.period > today:
        return {"period": _t("This period lies in the future. Enter it after it has begun.")}
    if entry.period.year < 1900:
        return {"period": _t("Enter a period after 1900.")}
    return {}


def _breakdown_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    found = {}
    for name in ("dimension_1", "dimension_2"):
        label, given = getattr(kpi, name), getattr(entry, name)
        if label and not given:
            found[name] = _t("Enter %(breakdown)s.") % {"breakdown": label}
        elif given and not label:
            found[name] = _t("This KPI is not broken down any further. Leave it empty.")
        elif len(given) > 100:
            found[name] = _t("Enter at most 100 letters.")
        elif not given.isprintable():
            found[name] = _t("Enter letters and digits only.")
    return found


def _number_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    if entry.numerator is not None or entry.subgroup:
        return {"value": _t("This KPI takes one value a period. Enter the value only.")}
    if entry.value is None:
        return {"value": _t("Enter a value.")}
    if kpi.aggregation == Kpi.Aggregation.WEIGHTED and entry.denominator is None:
        return {"denominator": _t("Enter the weight of this value.")}
    if entry.denominator is not None and entry.denominator < 0:
        return {"denominator": _t("The weight must not be negative.")}
    return {}


def _ratio_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    found = _parts_problems(kpi, entry)
    if not found and entry.numerator > entry.denominator:
        found["numerator"] = _t(
            "The numerator (%(numerator)s) must not be above the denominator (%(denominator)s)."
        ) % {
            "numerator": entry.numerator,
            "denominator": entry.denominator,
        }
    return found


def _count_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    found = _parts_problems(kpi, entry)
    if not found and entry.numerator != entry.numerator.to_integral_value():
        found["numerator"] = _t("A count is a whole number.")
    return found


def _parts_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    if entry.value is not None or entry.subgroup:
        return {"value": _t("This KPI is made of a numerator and a denominator. Enter both instead of the value.")}
    found = {}
    for name, words in (("numerator", _t("Enter the numerator.")), ("denominator", _t("Enter the denominator."))):
        number = getattr(entry, name)
        if number is None:
            found[name] = words
        elif number < 0:
            found[name] = _t("Enter a number that is not negative.")
    return found


def _subgroup_problems(kpi: Kpi, entry: Entry) -> dict[str, str]:
    if entry.value is not None or entry.numerator is not None or entry.denominator is not None:
        return {"subgroup": _t("This KPI takes several values a period. Enter them separated by semicolons.")}
    if not entry.subgroup:
        return {"subgroup": _t("Enter at least one value.")}
    if len(entry.subgroup) > MOST_VALUES:
        return {"subgroup": _t("Enter at most %(count)d values.") % {"count": MOST_VALUES}}
    words = next((words for number in entry.subgroup if (words := _storable(number))), "")
    return {"subgroup": words} if words else {}


_CHECKS: dict[str, Callable[[Kpi, Entry], dict[str, str]]] = {
    Kpi.Kind.NUMBER: _number_problems,
    Kpi.Kind.RATIO: _ratio_problems,
    Kpi.Kind.COUNT: _count_problems,
    Kpi.Kind.SUBGROUP: _subgroup_problems,
}


# --- storing -------------------------------------------------------------------------------------------


def refuse_unless_open(kpi: Kpi, *, by: Any, way: str) -> None:
    """Refuse values for a KPI that takes none, or from a person who may not enter them."""
    if kpi.state == Kpi.State.DRAFT:
        raise Refused(_t("%(code)s is a draft. Put it in use before you enter values.") % {"code": kpi.code})
    if kpi.state == Kpi.State.RETIRED:
        raise Refused(_t("%(code)s is retired and takes no values any more.") % {"code": kpi.code})
    if way == Way.PORTAL:
        return
    if kpi.portal_figure:
        raise Refused(_t("The portal takes the values of %(code)s itself.") % {"code": kpi.code})
    if not by.has_perm("kpis.enter_measurements", kpi):
        raise NotAllowed(
            _t("Only the owner, the deputy and process officers enter values of %(code)s.") % {"code": kpi.code}
        )


def enter(
    kpi: Kpi, entries: Iterable[Entry], *, by: Any, way: str, replaces: bool = True, today: date | None = None
) -> list[str]:
    """Store entries of one KPI, all or none; returns for each "new", "changed" or "same".

    A value that is there and differs is replaced when the entry gives a reason; else ``EntryProblems``.
    """
    entries = list(entries)
    today = today or timezone.localdate()
    with transaction.atomic():
        kpi = kpi.locked()
        refuse_unless_open(kpi, by=by, way=way)
        problems = {n: found for n, entry in enumerate(entries) if (found := problems_of(kpi, entry, today))}
        problems |= _repeats(entries)
        if problems:
            raise EntryProblems(problems)
        plan = Plan.of(kpi, entries, today=today)
        if unexplained := plan.without_reason(replaces=replaces):
            raise EntryProblems(unexplained)
        plan.store(by=by, way=way)
        changed = [n for n, outcome in enumerate(plan.outcomes) if outcome != SAME]
        if changed:
            record_line(
                kpi,
                "measurements_entered",
                by=by,
                reason="; ".join(sorted({entries[n].reason for n in changed if entries[n].reason}))[:2000],
                data={"way": way, "periods": sorted({entries[n].period.isoformat() for n in changed})},
            )
            measured.send(sender=Measurement, kpis=[kpi], by=by)
    return plan.outcomes


def _repeats(entries: list[Entry]) -> dict[int, dict[str, str]]:
    seen: dict[tuple[date, str, str], int] = {}
    found = {}
    for number, entry in enumerate(entries):
        if entry.key in seen:
            found[number] = {"period": _t("This period is there twice. Keep one of the two.")}
        seen[entry.key] = number
    return found


class Plan:
    """What storing some entries of one locked KPI would do, compared with what is there."""

    def __init__(self, kpi: Kpi, entries: list[Entry], stored: dict[tuple[date, str, str], Any]) -> None:
        self.kpi, self.entries, self.stored = kpi, entries, stored
        self.outcomes = [self._outcome(entry) for entry in entries]

    @classmethod
    def of(cls, kpi: Kpi, entries: list[Entry], *, today: date) -> "Plan":
        return cls(kpi, entries, current_of(kpi, entries, today))

    def _outcome(self, entry: Entry) -> str:
        stored = self.stored.get(entry.key)
        if stored is None or stored.is_withdrawn:
            return NEW
        same = stored.measured == entry.measured and not stored.is_partial
        same = same and (not entry.comment or entry.comment == stored.comment)
        same = same and (not entry.evidence or entry.evidence == stored.evidence)
        return SAME if same else CHANGED

    def without_reason(self, *, replaces: bool) -> dict[int, dict[str, str]]:
        """Entries that would change a value that was final, without saying why."""
        found = {}
        for number, (entry, outcome) in enumerate(zip(self.entries, self.outcomes, strict=True)):
            if outcome == CHANGED and not self.stored[entry.key].is_partial:
                if not replaces:
                    found[number] = {"period": _t("There is another value for this period already.")}
                elif not entry.reason.strip():
                    found[number] = {"reason": _t("There is a value already. Enter the reason for the correction.")}
        return found

    def store(self, *, by: Any, way: str, batch: MeasurementImport | None = None) -> None:
        """Write what is new or changed. Older revisions stay; they are no longer current."""
        writing = [e for e, outcome in zip(self.entries, self.outcomes, strict=True) if outcome != SAME]
        _end([self.stored[entry.key].pk for entry in writing if entry.key in self.stored])
        shared = (self.kpi.pk, self.kpi.kind, by.pk if getattr(by, "pk", None) else None, way, batch and batch.pk)
        definitions = {period: self.kpi.definition_at(period).pk for period in {entry.period for entry in writing}}
        _copy_in(self._row(entry, shared, definitions[entry.period]) for entry in writing)

    def _row(self, entry: Entry, shared: tuple[Any, ...], definition: int) -> tuple[Any, ...]:
        kpi, kind, by, way, batch = shared
        stored = self.stored.get(entry.key)
        reason = entry.reason.strip()
        if stored is not None and not reason:
            reason = _t("Entered again after it was withdrawn") if stored.is_withdrawn else _t("The period is over")
        return (
            *(kpi, definition, kind, entry.period, entry.dimension_1, entry.dimension_2),
            *(entry.value, entry.numerator, entry.denominator, entry.subgroup or None, entry.left_out_count),
            *(entry.comment, entry.evidence, by, way, batch),
            *(stored.revision + 1 if stored else 1, reason if stored else ""),
        )


_COLUMNS = (
    "kpi_id, definition_id, kind, period, dimension_1, dimension_2, value, numerator, denominator, subgroup,"
    " left_out_count, comment, evidence, entered_by_id, way, batch_id, revision, reason"
)


def _copy_in(rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as PostgreSQL reads them fastest; constraints and triggers hold as with every other way."""
    text = io.StringIO()
    now = timezone.now().isoformat()
    for row in rows:
        text.write("\t".join([*map(_copied, row), now, "t", "f"]) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY kpis_measurement ({_COLUMNS}, entered_at, is_current, is_withdrawn) FROM STDIN", text)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Stored:
    """The current revision of a period and breakdown, as far as a new one is compared with it."""

    pk: int
    revision: int
    measured: tuple[Any, ...]
    comment: str
    evidence: str
    is_withdrawn: bool
    is_partial: bool


def current_of(kpi: Kpi, entries: list[Entry], today: date) -> dict[tuple[date, str, str], Stored]:
    """What is stored for the periods and breakdowns of these entries. What was entered before its period was over is
    partial only once that is so: on the way, the same value again says nothing new."""
    if not entries:
        return {}
    found: dict[tuple[date, str, str], Stored] = {}
    wanted = {entry.key for entry in entries}
    rows = Measurement.objects.filter(kpi=kpi, is_current=True, period__in={period for period, _d1, _d2 in wanted})
    for row in rows.only(*_COMPARED).iterator(chunk_size=CHUNK):
        key = (row.period, row.dimension_1, row.dimension_2)
        if key in wanted:
            end = last_day(row.period, kpi.grain)
            subgroup = tuple(row.subgroup) if row.subgroup else None
            found[key] = Stored(
                row.pk,
                row.revision,
                (row.value, row.numerator, row.denominator, subgroup, row.left_out_count),
                row.comment,
                row.evidence,
                row.is_withdrawn,
                timezone.localdate(row.entered_at) <= end < today,
            )
    return found


_COMPARED = (
    "period",
    "dimension_1",
    "dimension_2",
    "revision",
    "value",
    "numerator",
    "denominator",
    "subgroup",
    "left_out_count",
    "comment",
    "evidence",
    "is_withdrawn",
    "entered_at",
)


def _end(rows: list[int]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kpis_measurement SET is_current = false WHERE id = ANY(%s)", [rows])


# --- taking back ---------------------------------------------------------------------------------------


def withdraw(measurement: Measurement, *, by: Any, reason: str) -> None:
    """Take a value back: a further revision says that there is none, and why."""
    if not reason.strip():
        raise Invalid(_t("Enter a reason."))
    _take_back_one(measurement, by=by, event="measurement_withdrawn", reason=reason, restores=False)


def undo(measurement: Measurement, *, by: Any) -> None:
    """Take the last entry of a period back: what was there before counts again, as a further revision."""
    _take_back_one(measurement, by=by, event="measurement_undone", reason=_t("Undone"), restores=True)


def _take_back_one(measurement: Measurement, *, by: Any, event: str, reason: str, restores: bool) -> None:
    with transaction.atomic():
        kpi = measurement.kpi.locked()
        refuse_unless_open(kpi, by=by, way=Way.FORM)
        if not Measurement.objects.current().filter(pk=measurement.pk).exists():
            raise Refused(_t("This value was corrected or withdrawn meanwhile."))
        take_back([measurement.pk], by=by, way=Way.FORM, reason=reason, restores=restores)
        record_line(kpi, event, by=by, reason=reason, data={"periods": [measurement.period.isoformat()]})
        measured.send(sender=Measurement, kpis=[kpi], by=by)


def take_back(
    rows: list[int],
    *,
    by: Any,
    way: str,
    reason: str,
    batch: MeasurementImport | None = None,
    restores: bool = True,
) -> None:
    """Write for each of these current rows a further revision: with what the revision before it said, or withdrawn."""
    _end(rows)
    with connection.cursor() as cursor:
        # Right after an import the planner knows nothing of its rows and would read the whole table for each of them.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            """INSERT INTO kpis_measurement (
                   kpi_id, definition_id, kind, period, dimension_1, dimension_2, value, numerator, denominator,
                   subgroup, left_out_count, comment, evidence, entered_at, entered_by_id, way, batch_id, revision,
                   reason, is_current, is_withdrawn)
               SELECT now.kpi_id, coalesce(old.definition_id, now.definition_id), now.kind, now.period,
                      now.dimension_1, now.dimension_2, old.value, old.numerator, old.denominator, old.subgroup,
                      old.left_out_count, coalesce(old.comment, ''), coalesce(old.evidence, ''), %(at)s, %(by)s,
                      %(way)s, %(batch)s, now.revision + 1, %(reason)s, true, old.id IS NULL
               FROM kpis_measurement now LEFT JOIN LATERAL (
                   SELECT * FROM kpis_measurement before
                   WHERE %(restores)s AND before.kpi_id = now.kpi_id AND before.period = now.period
                     AND before.dimension_1 = now.dimension_1 AND before.dimension_2 = now.dimension_2
                     AND before.revision = now.revision - 1 AND NOT before.is_withdrawn
               ) old ON true
               WHERE now.id = ANY(%(rows)s)""",
            {
                "at": timezone.now(),
                "by": by.pk if getattr(by, "pk", None) else None,
                "way": way,
                "batch": batch and batch.pk,
                "reason": reason,
                "restores": restores,
                "rows": rows,
            },
        )
        cursor.execute("SET LOCAL enable_seqscan = on")
