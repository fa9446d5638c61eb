"""How the values of one type are shown, filtered, written into a table, read back, sent to programs, and kept.

A ``ValueType`` is chosen for each fact by its model field (``value_type_of``). A type of a model of another app is
registered by that app::

    register_related_type(Department, DepartmentType)

Values are plain Python: ``Decimal``, ``date``, ``timedelta``, ``UUID``, model instances, lists of model instances.
``words`` and ``html`` are for people, in the active language; ``cell`` and ``read`` are the same text in a table going
out and coming back; ``to_api`` and ``from_api`` are JSON; ``store`` and ``restore`` are JSON too, exact and without a
language, for the ledger and for undoing.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_duration
from django.utils.duration import duration_iso_string
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.day_field import DateInput, DayField
from core.kind_registry import kind_of_model
from core.kinds.fields import RecordField, RecordsField
from core.line_field import LineField
from core.moments import exact_words
from core.permissions import opens
from core.templatetags.ui import state as state_mark
from core.templatetags.ui import when

DASH = "–"
ANY = _("Any")


class ValueType:
    """Text, and what every other type builds on. ``field`` is the model field, or None for a derived fact."""

    is_number = False  # set to the right in tables
    is_list = False  # many-to-many: written after the record is saved
    is_filtered = False  # whether the list offers a filter unless the fact says otherwise
    is_sorted = True
    in_database = True  # whether equality can be asked in a queryset
    api_type: Any = str

    def __init__(self, field: Any = None) -> None:
        self.field = field

    # --- for people ---

    def words(self, value: Any) -> str:
        """The value as plain text in the active language; empty for none."""
        return "" if value is None else str(value)

    def html(self, value: Any) -> SafeString:
        """The value on a page and in a list."""
        return conditional_escape(self.words(value) or DASH)

    # --- forms and tables ---

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        """The field of a form, which also reads the cells of a table. ``person`` is who fills it in."""
        return self.field.formfield(**options) if self.field is not None else forms.CharField(**options)

    def cell(self, value: Any) -> str:
        """The value as text that ``read`` takes back."""
        return self.words(value)

    def read(self, text: str, *, person: Any = None) -> Any:
        """The value that a cell means. Raises ``ValidationError``."""
        return self.form_field(person=person, required=False).clean(text)

    # --- kept and sent ---

    def store(self, value: Any) -> Any:
        """The value as JSON, exact."""
        return value

    def restore(self, stored: Any) -> Any:
        """The value that was stored. Raises ``ValidationError`` where what it names is gone."""
        return stored

    def to_api(self, value: Any) -> Any:
        return self.store(value)

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        """The value that a program sent. Raises ``ValidationError``."""
        return None if sent is None else self.read(str(sent), person=person)

    def equal(self, one: Any, other: Any) -> bool:
        return self.store(one) == self.store(other)

    # --- lists ---

    def order_by(self, name: str) -> str:
        """The name by which a queryset is sorted."""
        return name

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.CharField(label=label, required=False, max_length=200)

    def filtered(self, records: QuerySet, name: str, value: Any) -> QuerySet:
        """The records whose fact ``name`` is, or lies below, the cleaned value of the filter."""
        return records.filter(**{name: value})


class TextType(ValueType):
    """One line."""

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        return super().form_field(person=person, **({"form_class": LineField} | options) if self.field else options)

    def filtered(self, records: QuerySet, name: str, value: Any) -> QuerySet:
        return records.filter(**{f"{name}__icontains": value})


class LongTextType(TextType):
    """Several lines."""

    is_sorted = False

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        return ValueType.form_field(self, person=person, **({"widget": forms.Textarea(attrs={"rows": 4})} | options))

    def html(self, value: Any) -> SafeString:
        return mark_safe(linebreaks(value, autoescape=True)) if value else SafeString(DASH)  # noqa: S308 - escaped


class ChoiceType(ValueType):
    """One of the choices of the field, shown by its label."""

    is_filtered = True

    @property
    def api_type(self) -> Any:
        return int if isinstance(self.field, models.IntegerField) else str

    @property
    def choices(self) -> list[tuple[Any, Any]]:
        return [(value, label) for value, label in self.field.flatchoices if value not in ("", None)]

    def words(self, value: Any) -> str:
        return str(dict(self.field.flatchoices).get(value, value) if value not in ("", None) else "")

    def read(self, text: str, *, person: Any = None) -> Any:
        """By label in the active language, or by stored value."""
        wanted = text.strip().lower()
        for value, label in self.choices:
            if wanted in (str(label).lower(), str(value).lower()):
                return value
        if not wanted and self.field.blank:
            return self.field.get_default() if self.field.null else ""
        allowed = ", ".join(str(label) for _value, label in self.choices)
        raise ValidationError(_t("“%(text)s” is none of: %(choices)s.") % {"text": text[:100], "choices": allowed})

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.ChoiceField(label=label, required=False, choices=[("", ANY), *self.choices])


class StateType(ChoiceType):
    """The state of a record that moves: icon, word and colour."""

    def html(self, value: Any) -> SafeString:
        return state_mark(value, word=self.words(value)) if value else SafeString(DASH)


class BooleanType(ValueType):
    """Yes or no."""

    is_filtered = True
    api_type = bool
    YES = ("yes", "ja", "true", "1", "x")
    NO = ("no", "nein", "false", "0", "")

    def words(self, value: Any) -> str:
        return "" if value is None else _t("Yes") if value else _t("No")

    def read(self, text: str, *, person: Any = None) -> Any:
        wanted = text.strip().lower()
        if wanted in (*self.YES, str(_t("Yes")).lower()):
            return True
        if wanted in (*self.NO, str(_t("No")).lower()):
            return False
        raise ValidationError(_t("Write yes or no."))

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        return sent

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        choices = [("", ANY), ("yes", _("Yes")), ("no", _("No"))]
        return forms.TypedChoiceField(
            label=label, required=False, choices=choices, empty_value=None, coerce=lambda text: text == "yes"
        )


class NumberType(ValueType):
    """A whole number."""

    is_number = True
    api_type = int

    def words(self, value: Any) -> str:
        return "" if value is None else number_format(value, force_grouping=False)

    def cell(self, value: Any) -> str:
        return "" if value is None else str(value)

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.IntegerField(label=label, required=False)


class FloatType(NumberType):
    """A number whose last digits do not matter."""

    api_type = float

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.FloatField(label=label, required=False)


class DecimalType(NumberType):
    """An exact number; stored as text, so that no digit is lost."""

    api_type = Decimal

    def words(self, value: Any) -> str:
        return "" if value is None else number_format(_plain(value), force_grouping=False)

    def cell(self, value: Any) -> str:
        return "" if value is None else str(_plain(value))

    def store(self, value: Any) -> Any:
        return None if value is None else str(_plain(value))

    def restore(self, stored: Any) -> Any:
        return None if stored is None else Decimal(stored)

    def to_api(self, value: Any) -> Any:
        return value

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.DecimalField(label=label, required=False)


def _plain(value: Any) -> Decimal:
    """Without trailing noughts and without an exponent: 2.50 and 2.5 are one value."""
    value = Decimal(value)
    return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()


class DateType(ValueType):
    """A day."""

    api_type = date

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {"form_class": DayField, "widget": DateInput()} if self.field else {}
        return super().form_field(person=person, **(usual | options))

    def words(self, value: Any) -> str:
        return date_format(value, "DATE_FORMAT") if value else ""

    def html(self, value: Any) -> SafeString:
        return when(value)

    def cell(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def store(self, value: Any) -> Any:
        return value.isoformat() if value else None

    def restore(self, stored: Any) -> Any:
        return parse_date(stored) if stored else None

    def to_api(self, value: Any) -> Any:
        return value

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return DayField(label=label, required=False, widget=DateInput())


class MomentType(DateType):
    """A moment, shown in the person's time zone."""

    api_type = datetime

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        return ValueType.form_field(self, person=person, **({"widget": widget} | options))

    def words(self, value: Any) -> str:
        return exact_words(value) if value else ""

    def cell(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""

    def restore(self, stored: Any) -> Any:
        return parse_datetime(stored) if stored else None

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        return timezone.make_aware(sent) if sent is not None and timezone.is_naive(sent) else sent

    def filtered(self, records: QuerySet, name: str, value: Any) -> QuerySet:
        return records.filter(**{f"{name}__date": value})


class DurationType(ValueType):
    """A length of time; in cells and forms as ``2:30:00`` or ``3 04:00:00`` (days first)."""

    is_number = True
    api_type = timedelta

    def words(self, value: Any) -> str:
        if value is None:
            return ""
        minutes = round(value.total_seconds() / 60)
        days, minutes = divmod(minutes, 24 * 60)
        hours, minutes = divmod(minutes, 60)
        parts = [ngettext("%(n)s day", "%(n)s days", days) % {"n": days}] if days else []
        parts += [_t("%(n)s h") % {"n": hours}] if hours else []
        parts += [_t("%(n)s min") % {"n": minutes}] if minutes or not parts else []
        return " ".join(parts)

    def cell(self, value: Any) -> str:
        return "" if value is None else str(value).replace(" days, ", " ").replace(" day, ", " ")

    def store(self, value: Any) -> Any:
        return None if value is None else duration_iso_string(value)

    def restore(self, stored: Any) -> Any:
        return None if stored is None else parse_duration(stored)

    def to_api(self, value: Any) -> Any:
        return value

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        return sent


class UuidType(ValueType):
    """A key of 32 hexadecimal digits."""

    is_sorted = False
    api_type = uuid.UUID

    def store(self, value: Any) -> Any:
        return None if value is None else str(value)

    def restore(self, stored: Any) -> Any:
        return None if stored is None else uuid.UUID(stored)

    def to_api(self, value: Any) -> Any:
        return value


class WordsType(ValueType):
    """A list of words, as an array field holds it."""

    is_sorted = False
    api_type = list[str]

    def words(self, value: Any) -> str:
        return ", ".join(str(one) for one in value or ())

    def store(self, value: Any) -> Any:
        return [str(one) for one in value or ()]

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        return [one.replace("\x00", "") for one in sent or ()]


class RelatedType(ValueType):
    """Another record (foreign key), named by its code where it has one. Who may not see it is not told its name."""

    is_filtered = False
    is_sorted = False
    may_be_hidden = True  # False: everybody who is signed in may know its name

    @property
    def model(self) -> type[models.Model]:
        return self.field.related_model

    def visible(self, person: Any) -> QuerySet:
        """The records that the person may choose and be told of."""
        objects = self.model._default_manager
        return objects.visible_to(person) if hasattr(objects, "visible_to") and person is not None else objects.all()

    def name(self, record: Any) -> str:
        """How one record is named, so that it is found again by it."""
        return getattr(record, "code", "") or str(record)

    def html_of(self, record: Any) -> SafeString:
        """One record on a page, linked where it has a page."""
        if not hasattr(record, "get_absolute_url"):
            return conditional_escape(str(record))
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record)

    def html(self, value: Any) -> SafeString:
        return SafeString(DASH) if value is None else self.html_of(value)

    def cell(self, value: Any) -> str:
        return "" if value is None else self.name(value)

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        kind = kind_of_model(self.model)
        if kind is not None and kind.lookup == "code":
            usual = {"label": capfirst(self.field.verbose_name), "required": not self.field.blank}
            return RecordField(kind=kind, person=person, **(usual | options))
        return super().form_field(person=person, **({"queryset": self.visible(person)} | options))

    def read(self, text: str, *, person: Any = None) -> Any:
        field = self.form_field(person=person, required=False)
        if isinstance(field, RecordField) or not text:
            return field.clean(text)
        found = [one for one in self.visible(person) if text.strip().lower() in (self.name(one).lower(), str(one.pk))]
        if len(found) != 1:
            raise ValidationError(_t("There is nothing called “%(text)s” here.") % {"text": text[:100]})
        return found[0]

    def store(self, value: Any) -> Any:
        return None if value is None else value.pk

    def restore(self, stored: Any) -> Any:
        if stored is None:
            return None
        found = self.model._base_manager.filter(pk=stored).first()
        if found is None:
            raise ValidationError(_t("What stood there before is not kept any more."))
        return found

    def to_api(self, value: Any) -> Any:
        return None if value is None else self.name(value)

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.ModelChoiceField(label=label, required=False, queryset=self.visible(person), empty_label=ANY)

    def hidden_from(self, value: Any, person: Any) -> bool:
        """Whether the person may not know which record this is."""
        if not self.may_be_hidden:
            return False
        keys = getattr(value, "audience_keys", None)
        if keys is not None:
            return not opens(keys, person)
        if not hasattr(self.model._default_manager, "visible_to"):
            return False
        return not self.visible(person).filter(pk=value.pk).exists()

    def names(self, keys: Iterable[int], person: Any) -> dict[int, str]:
        """Key → words, of the records with these keys that the person may know; one query."""
        records = self.visible(person) if self.may_be_hidden else self.model._base_manager.all()
        return {one.pk: str(one) for one in records.filter(pk__in=keys)} if keys else {}


class RelatedListType(RelatedType):
    """Several records (many-to-many)."""

    is_list = True
    api_type = list[str]

    def words(self, value: Any) -> str:
        return ", ".join(sorted(str(one) for one in value or ()))

    def html(self, value: Any) -> SafeString:
        return format_html_join(", ", "{}", ((self.html_of(one),) for one in value or ())) or SafeString(DASH)

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        kind = kind_of_model(self.model)
        if kind is not None and kind.lookup == "code":
            usual = {"label": capfirst(self.field.verbose_name), "required": not self.field.blank}
            usual["help_text"] = self.field.help_text or _("Codes, with commas")
            return RecordsField(kind=kind, person=person, **(usual | options))
        few = {"queryset": self.visible(person), "widget": forms.CheckboxSelectMultiple}
        return ValueType.form_field(self, person=person, **(few | options))

    def cell(self, value: Any) -> str:
        return "; ".join(sorted(self.name(one) for one in value or ()))

    def read(self, text: str, *, person: Any = None) -> Any:
        field = self.form_field(person=person, required=False)
        if isinstance(field, RecordsField):
            return field.clean(text)
        known = {self.name(one).lower(): one for one in self.visible(person)}
        names = [name.strip() for name in text.split(";") if name.strip()]
        missing = [name for name in names if name.lower() not in known]
        if missing:
            raise ValidationError(_t("There is nothing called “%(text)s” here.") % {"text": missing[0][:100]})
        return [known[name.lower()] for name in names]

    def store(self, value: Any) -> Any:
        return sorted(one.pk for one in value or ())

    def restore(self, stored: Any) -> Any:
        return list(self.model._base_manager.filter(pk__in=stored or ()))

    def to_api(self, value: Any) -> Any:
        return sorted(self.name(one) for one in value or ())

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        return self.read("; ".join(str(one) for one in sent or ()), person=person)


_BY_FIELD: tuple[tuple[type[models.Field], type[ValueType]], ...] = (
    (models.BooleanField, BooleanType),
    (models.DecimalField, DecimalType),
    (models.FloatField, FloatType),
    (models.IntegerField, NumberType),
    (models.DateTimeField, MomentType),
    (models.DateField, DateType),
    (models.DurationField, DurationType),
    (models.UUIDField, UuidType),
    (models.TextField, LongTextType),
    (models.CharField, TextType),
    (models.ManyToManyField, RelatedListType),
    (models.ForeignKey, RelatedType),
)
_related: dict[type[models.Model], type[ValueType]] = {}
_related_lists: dict[type[models.Model], type[ValueType]] = {}


def register_related_type(
    model: type[models.Model], one: type[ValueType], several: type[ValueType] | None = None
) -> None:
    """Say how fields that point at ``model`` are shown and read: a foreign key, and a many-to-many field."""
    _related[model] = one
    if several is not None:
        _related_lists[model] = several


def value_type_of(field: Any) -> ValueType:
    """The type that fits a model field."""
    if field.many_to_many:
        return _related_lists.get(field.related_model, RelatedListType)(field)
    if field.is_relation:
        return _related.get(field.related_model, RelatedType)(field)
    if field.choices:
        return (StateType if field.name == "state" else ChoiceType)(field)
    if getattr(field, "base_field", None) is not None:
        return WordsType(field)
    for field_class, value_type in _BY_FIELD:
        if isinstance(field, field_class):
            return value_type(field)
    return ValueType(field)


def listed(value: Any) -> Iterable[Any]:
    """The records of a many-to-many value, given as a list or as a manager."""
    return value.all() if hasattr(value, "all") else value or ()
