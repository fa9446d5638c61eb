"""Linking many documents to one process, from the list of documents."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change, Undo
from core.lifecycle import Invalid
from documents.models import Document
from processes.fields import ProcessField, written
from processes.linking import link_document, refuse_bad_link, unlink_document
from processes.models import Process, ProcessDocument

Relation = ProcessDocument.Relation


class LinkManyForm(forms.Form):
    """Which process the chosen documents serve. It is looked up for each row, as the person who asks may see it."""

    process = forms.CharField(
        label=_("Process"),
        max_length=400,
        help_text=_("Its code, or words of its title"),
        error_messages={"required": _("Choose a process")},
        widget=forms.TextInput(
            attrs={"data-suggest": reverse_lazy("processes:process-suggest"), "autocomplete": "off"}
        ),
    )
    relation = forms.ChoiceField(label=_("What the documents are to the process"), choices=Relation.choices)


def _process(person: Any, text: str) -> Process:
    field = ProcessField()
    field.person = person
    try:
        return field.clean(text)
    except forms.ValidationError as problem:
        raise Invalid(problem.messages[0]) from None


def plan(document: Document, person: Any, values: dict[str, Any]) -> list[Change]:
    """What would change for one document, or ``Refused``."""
    process = _process(person, values["process"])
    refuse_bad_link(process, document, by=person)
    link = process.document_links.filter(document=document).first()
    if link is not None and link.relation == values["relation"]:
        return []
    before = f"{written(process)}: {link.get_relation_display()}" if link else ""
    return [Change(_t("Process"), before, f"{written(process)}: {Relation(values['relation']).label}")]


def apply(document: Document, person: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Link one document; returns what it was before."""
    process = _process(person, values["process"])
    link = process.document_links.filter(document=document).first()
    link_document(process, document, relation=values["relation"], by=person)
    return {"process": process.pk, "before": link.relation if link else None, "after": values["relation"]}


def plan_back(document: Document, person: Any, kept: dict[str, Any]) -> list[Change]:
    """What would be as before, or ``Refused`` where the process is gone from the person's sight."""
    process = _kept_process(person, kept)
    link = process.document_links.filter(document=document).first()
    now = link.relation if link else None
    if now == kept["before"]:
        return []
    if now != kept["after"]:
        raise Invalid(_t("The link to %(code)s has changed since.") % {"code": process.code})
    refuse_bad_link(process, document, by=person)
    before, after = (f"{written(process)}: {Relation(one).label}" if one else "" for one in (now, kept["before"]))
    return [Change(_t("Process"), before, after)]


def apply_back(document: Document, person: Any, kept: dict[str, Any], reason: str) -> dict[str, Any]:
    """Put the link back as it was."""
    plan_back(document, person, kept)
    process = _kept_process(person, kept)
    if kept["before"]:
        link_document(process, document, relation=kept["before"], by=person)
    else:
        unlink_document(process, document, by=person)
    return {"process": process.pk, "before": kept["after"], "after": kept["before"]}


def _kept_process(person: Any, kept: dict[str, Any]) -> Process:
    process = Process.objects.visible_to(person).filter(pk=kept["process"]).first()
    if process is None:
        raise Invalid(_t("The process is not there any more."))
    return process


def may_link_some(person: Any) -> bool:
    return person.has_perm("processes.add_process") or person.has_perm("documents.keep_documents")


LINK_TO_PROCESS = BulkAction(
    "link-process",
    _("Link to a process"),
    "process",
    plan,
    apply,
    form=LinkManyForm,
    is_for=may_link_some,
    order=60,
    undo=Undo(plan_back, apply_back),
)
