"""Actions as a kind of record: list, page, forms, bulk changes, export and API come from the kit."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.forms import ActionForm, CompleteForm, ExtendForm, ReassignForm, VerifyForm
from actions.lifecycle import State
from actions.models import Action
from actions.receivers import ask_for
from actions.signals import agreed
from actions.views import ActionPageView, BoardView
from core import catalog
from core.bulk import BulkAction, Change
from core.event_words import EventWords
from core.kinds import Fact
from core.kinds.bulk import ReasonForm
from core.kinds.changes import FactChange
from core.kinds.forms import MoveForm, RecordForm
from core.lifecycle import Refused
from core.pages.kind.base import KindView
from core.permissions import opens
from core.templatetags.ui import due, state
from people.fields import PersonField, written
from people.kinds import OwnedFilter, OwnedKind
from people.leaving import Held
from people.models import Person


class ShownState(Fact):
    """The state; an open action after its day is overdue."""

    def html(self, record: Any, person: Any) -> SafeString:
        return state(record.shown_state)


class DueFact(Fact):
    """The due date; of what is open, how long that is."""

    def html(self, record: Any, person: Any) -> SafeString:
        return due(record.due_on, plain=True) if record.state == State.OPEN else super().html(record, person)


class SourceFact(Fact):
    """Where it comes from, linked; who does the work need not be among those who see that."""

    def told_to(self, record: Any, person: Any) -> str:
        is_hidden = record.source is not None and not opens(record.source.audience_keys, person)
        return "" if is_hidden else record.source_words

    def html(self, record: Any, person: Any) -> SafeString:
        words = self.told_to(record, person)
        if record.source is None or not words:
            return super().html(record, person)
        return format_html('<a href="{}">{}</a>', record.source.url, words)


class ActionFilter(OwnedFilter):
    """Also: late ones. What is finished is left out until it is asked for."""

    late = forms.BooleanField(label=_("Overdue only"), required=False)
    finished = forms.BooleanField(label=_("Finished ones too"), required=False)

    def apply(self, records: QuerySet) -> QuerySet:
        if self.cleaned_data.get("late"):
            records = records.late()
        if not (self.cleaned_data.get("finished") or self.cleaned_data.get("state")):
            records = records.unfinished()
        return super().apply(records)


class BulkReassignForm(ReasonForm):
    """Who does the chosen work from now on, and why."""

    to = PersonField(
        label=_("New owner"),
        help_text=_("A name or an e-mail address"),
        error_messages={"required": _("Choose the new owner.")},
    )
    field_order = ("to", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = _("Enter a reason.")


def plan_reassigning(action: Action, person: Any, values: dict[str, Any]) -> list[Change]:
    """What would change in one action, or ``Refused`` with the reason."""
    move = Action.find_move("reassign")
    if move not in action.open_moves(person):
        raise Refused(_t("You may not reassign this action, or it is not open."))
    action.check_move(move, by=person, to=values["to"])
    return [Change(_("Owner"), action.owner, values["to"])]


def reassign(action: Action, person: Any, values: dict[str, Any]) -> None:
    """Give one action to another owner, by its own move."""
    action.move("reassign", by=person, to=values["to"], comment=values["reason"])


class ActionKind(OwnedKind):
    """Agreed work of the whole portal."""

    key = "action"
    model = Action
    icon = "flag"
    group = "improve"
    order = 20
    code_prefix = "ACT"
    default_sort = "due_on"
    filter_class = ActionFilter
    form_class = ActionForm
    page_template = "actions/action_page.html"
    list_template = "actions/action_list.html"
    move_template = "actions/action_move.html"
    page_view = ActionPageView
    facts = (
        ShownState("state", on_page=False),
        Fact("owner", head=True, editable=False),
        DueFact("due_on", head=True, editable=False),
        Fact("verifier", head=True, column=False),
        Fact("priority", head=True),
        Fact("kind", column=False),
        SourceFact("source_words", filterable=False, editable=False, sortable=False),
        Fact("details", column=None, on_page=False),
        Fact("evidence", column=None, on_page=False, editable=False),
        Fact(
            "first_due_on",
            column=False,
            on_page=False,
            label=_("Due date agreed first"),
            editable=False,
            filterable=False,
        ),
        Fact("depends_on", column=None, exported=False, in_api=False, on_page=False, filterable=False),
    )
    move_forms: ClassVar[Mapping[str, type[MoveForm]]] = {
        "complete": CompleteForm,
        "verify": VerifyForm,
        "extend": ExtendForm,
        "reassign": ReassignForm,
    }
    events: ClassVar[Mapping[str, EventWords]] = {
        "agreed": EventWords(_("agreed on it: %(owner)s"), "plus"),
        "owner_changed": EventWords(_("handed it over from %(from)s to %(to)s"), "swap"),
        "verifier_changed": EventWords(_("let %(to)s verify it instead of %(from)s"), "swap"),
    }
    task_labels: ClassVar[Mapping[str, tuple[str, Any, Any]]] = {
        "act": ("flag", _("Action"), _("Open")),
        "verify_action": ("shield", _("Verify an action"), _("Verify")),
    }

    def form_fields_for(self, *, is_new: bool) -> list[str]:
        """Owner and due date are agreed once; afterwards they are reassigned and extended, with a reason."""
        agreed_once = ["owner", "due_on"] if is_new else []
        own = ["audience", "readers", "reader_roles"]
        return ["title", "details", *agreed_once, "verifier", "priority", "kind", "depends_on", "department", *own]

    def initial(self, person: Any) -> dict[str, Any]:
        return super().initial(person) | {"verifier": written(person), "owner": ""}

    def adapt_form(self, form: RecordForm) -> None:
        super().adapt_form(form)
        if not form.is_new and form.instance.source_id:
            for name in ("audience", "readers", "reader_roles"):  # its source says who sees it
                form.fields.pop(name, None)

    def prepare_new(self, record: Action, values: dict[str, Any], *, by: Any) -> None:
        super().prepare_new(record, values, by=by)
        if record.verifier_id is None:
            record.verifier = by
        record.complete_new()

    def check(self, record: Action, values: dict[str, Any]) -> None:
        super().check(record, values)
        problems: dict[str, Any] = {}
        if record.pk is None and record.due_on and record.due_on < timezone.localdate():
            problems["due_on"] = _("The due date has passed. Choose today or later.")
        if record.pk and "verifier" in values and record.verifier_id in record.owner_ids:
            problems["verifier"] = _("Choose somebody who never owned this action to verify it.")
        if record.pk and "depends_on" in values and record.is_circle(values["depends_on"]):
            problems["depends_on"] = _("An action cannot depend on itself, directly or through others.")
        if problems:
            raise ValidationError(problems)

    def after_save(self, record: Action, changes: list[FactChange], *, by: Any) -> None:
        super().after_save(record, changes, by=by)
        entry = catalog.entry_of(record)
        if not changes:
            agreed.send(sender=Action, action=record, by=by, entry=entry)
        elif any(change.fact.name == "verifier" for change in changes):
            ask_for(record, entry)

    def tell_owner(self, record: Any) -> None:
        """The receivers of this app tell the owner what is to be done, and until when."""

    def bulk_actions(self) -> Sequence[BulkAction]:
        usual = [one for one in super().bulk_actions() if one.name != "set-owner"]
        by_move = BulkAction(
            "reassign",
            _("Reassign"),
            "swap",
            plan_reassigning,
            reassign,
            form=BulkReassignForm,
            is_for=self.may_change_some,
            order=10,
        )
        return (by_move, *usual)

    def routes(self) -> list[tuple[str, str, type[KindView]]]:
        return [("board", "actions/board/", BoardView), *super().routes()]

    # --- when somebody leaves: actions/leaving.py hands over what is unfinished ---

    def with_facts(self, records: QuerySet) -> QuerySet:
        return super().with_facts(records).select_related("source", "done_by", "verified_by")

    def held_by(self, person: Person, seen_by: Any) -> list[Held]:
        return []

    def hand_over(self, person: Person, *, to: Person, by: Any) -> int:
        return 0

    def search_text(self, record: Action) -> str:
        return "\n".join([record.details, record.evidence, record.source_words])


ACTION = ActionKind()
