"""New, change, move: what was sent twice happens once, what somebody else saved meanwhile is not lost, and a refused
form keeps what was typed."""

import copy
import secrets
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _t

from core.kinds.changes import change, create
from core.kinds.forms import MoveForm, RecordForm, form_class_of
from core.kinds.value_types import DASH, RelatedType
from core.ledger import record_refusal
from core.lifecycle import NotAllowed, Refused, WrongState
from core.models.record import Stale
from core.pages.kind.base import KindView, RecordView
from core.views import remember_sent, say, sent_before


class Difference(NamedTuple):
    """One fact that two people changed at the same time: as it is stored now, and as this person typed it."""

    label: Any
    stored: str
    typed: str


class FormPage(KindView):
    """A page with one form. ``save`` does what the form asks and returns where it leads."""

    template_attribute = "form_template"
    verb = "create"  # as the ledger calls it where it is refused

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.refuse_unless_allowed()
        return self.show(self.get_form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if before := sent_before(request):
            return redirect(before.result_url or self.kind.list_address())
        self.refuse_unless_allowed()
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            with transaction.atomic():
                address = self.save(form)
                remember_sent(request, address)
        except ValidationError as problem:
            form.add_problem(problem)
            return self.show(form, status=422)
        except Stale as stale:
            return self.show_conflict(form, stale.record)
        except Refused as refusal:
            # The line that the refusing verb wrote went with its transaction.
            record_refusal(self.refused_record(), self.get_verb(), by=request.user, reason=str(refusal.message))
            return self.show_refusal(form, refusal)
        return redirect(address)

    def refuse_unless_allowed(self) -> None:
        """Raise ``Refused`` before anything is shown."""

    def get_form(self, *sent: Any) -> Any:
        raise NotImplementedError

    def save(self, form: Any) -> str:
        raise NotImplementedError

    def get_verb(self) -> str:
        return self.verb

    def refused_record(self) -> Any:
        """The record that the ledger names where the verb refused."""
        return None

    def show_refusal(self, form: Any, refusal: Refused) -> HttpResponse:
        """By the page for refusals, unless the form can say it."""
        raise refusal

    def show_conflict(self, form: Any, stored: Any) -> HttpResponse:
        raise NotImplementedError

    def show(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        token = self.request.POST.get("form_token") or secrets.token_urlsafe(16)
        is_multipart = form.is_multipart()
        return self.answer(form=form, form_token=token, multipart=is_multipart, status=status, **context)


class RecordCreateView(FormPage):
    """A new record."""

    def refuse_unless_allowed(self) -> None:
        if not self.kind.may_add(self.request.user):
            raise NotAllowed(_t("You may not create a %(kind)s.") % {"kind": self.kind.label})

    def get_initial(self) -> dict[str, Any]:
        """What stands in the empty form: from the kind, and from the address where it names a fact."""
        given = {name: self.request.GET[name] for name in self.kind.all_facts if name in self.request.GET}
        return {**self.kind.initial(self.request.user), **given}

    def get_form(self, *sent: Any) -> RecordForm:
        form_class = form_class_of(self.kind, self.request.user, is_new=True)
        return form_class(*sent, initial=self.get_initial())

    def save(self, form: RecordForm) -> str:
        record = create(self.kind, form.values(), by=self.request.user)
        say(
            self.request, _t("%(name)s is created.") % {"name": self.kind.code_of(record) or self.kind.title_of(record)}
        )
        return self.kind.address(record)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        cancel = self.kind.list_address()
        return super().get_context_data(
            heading=_t("New %(kind)s") % {"kind": self.kind.label}, cancel=cancel, **context
        )


class RecordUpdateView(RecordView, FormPage):
    """Changing the facts of a record."""

    verb = "change"

    def refused_record(self) -> Any:
        return self.record

    def refuse_unless_allowed(self) -> None:
        if not self.kind.may_change(self.request.user, self.record):
            raise NotAllowed(_t("You may not change this %(kind)s.") % {"kind": self.kind.label})

    def get_form(self, *sent: Any) -> RecordForm:
        form_class = form_class_of(self.kind, self.request.user, is_new=False)
        # A ModelForm writes what was typed into its instance; the page goes on showing what is stored.
        return form_class(*sent, instance=copy.copy(self.record))

    def save(self, form: RecordForm) -> str:
        row_version = form.cleaned_data["row_version"]
        changes = change(
            self.kind, self.record, form.values(), by=self.request.user, reason=form.reason, row_version=row_version
        )
        say(self.request, _t("Saved.") if changes else _t("Nothing was different, so nothing was saved."))
        return self.kind.address(self.record)

    def show_conflict(self, form: RecordForm, stored: Any) -> HttpResponse:
        """Both versions: what somebody else saved meanwhile, and what was typed. Saving again replaces the stored."""
        stored = self.kind.with_facts(self.get_queryset()).get(pk=stored.pk)
        sent = self.request.POST.copy()
        sent["row_version"] = str(stored.row_version)
        form.data = sent
        return self.show(form, status=409, conflict=list(self._differences(form, stored)), stored=stored)

    def _differences(self, form: RecordForm, stored: Any) -> Any:
        for name, typed in form.values().items():
            fact = self.kind.all_facts[name]
            now = fact.value_of(stored)
            if not fact.value_type.equal(now, typed):
                told = fact.told_to(stored, self.request.user) if isinstance(fact.value_type, RelatedType) else now
                words = fact.value_type.words
                yield Difference(fact.label, words(told) or DASH, words(typed) or DASH)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        cancel = self.kind.address(self.record)
        return super().get_context_data(
            heading=_t("Edit %(kind)s") % {"kind": self.kind.label}, cancel=cancel, **context
        )


class RecordMoveView(RecordView, FormPage):
    """A move to another state: at once by POST, or after its form was filled where it asks for a reason or more."""

    template_attribute = "move_template"

    @property
    def move(self) -> Any:
        found = [move for move in getattr(self.kind.model, "MOVES", ()) if move.name == self.kwargs["name"]]
        if not found:
            raise Http404
        return found[0]

    def refuse_unless_allowed(self) -> None:
        """The form is shown to who may send it; ``LifecycleModel.move`` asks again with the record locked."""
        if self.move in self.kind.moves(self.request.user, self.record) or self.request.method == "POST":
            return
        if not self.request.user.has_perm(self.move.permission, self.record):
            raise NotAllowed(_t("You may not do this: %(move)s.") % {"move": self.move.label})
        raise WrongState(_t("“%(move)s” is not possible in this state.") % {"move": self.move.label})

    def get_form(self, *sent: Any) -> MoveForm:
        form_class = self.kind.move_forms.get(self.move.name, MoveForm)
        return form_class(*sent, record=self.record, move=self.move, person=self.request.user)

    def save(self, form: MoveForm) -> str:
        data = form.cleaned_data
        self.record.move(self.move.name, by=self.request.user, comment=data["comment"], **form.move_values())
        say(self.request, _t("%(name)s: %(state)s") % {"name": self.name(), "state": self.record.get_state_display()})
        return self.kind.address(self.record)

    def name(self) -> str:
        return self.kind.code_of(self.record) or self.kind.title_of(self.record)

    def get_verb(self) -> str:
        return self.move.name

    def refused_record(self) -> Any:
        return self.record

    def show_refusal(self, form: MoveForm, refusal: Refused) -> HttpResponse:
        """What can be put right in the form is said there."""
        if isinstance(refusal, WrongState | NotAllowed):
            raise refusal
        form.add_error(None, str(refusal.message))
        return self.show(form, status=refusal.status)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        cancel = self.kind.address(self.record)
        return super().get_context_data(
            move=self.move, heading=capfirst(str(self.move.label)), cancel=cancel, **context
        )
