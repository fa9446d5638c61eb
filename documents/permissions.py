"""Who may do what with a document, as small predicates."""

from typing import Any

from django.db.models import Q, Subquery

from actions.models.task import addressed_by
from core.entry_rules import entry_rule
from core.permissions import rule, sees
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from documents.models import Document, KindSettings, Route, RouteSeat, RouteTemplate, Version

_LAST_ROUTE = Route.objects.filter(version=Slot("version")).order_by("-id")
_SEATS = Question(
    lambda _: RouteSeat.objects.filter(
        Q(OneOf("person", Slot("people", IDS))) | Q(OneOf("role", Slot("roles", IDS))),
        step__route=Subquery(_LAST_ROUTE.values("pk")[:1]),
    )
)


def may_write(person: Any, document: Document) -> bool:
    """Owner and author of the open draft, and whoever keeps documents of this kind and may see the draft."""
    if not document.is_worked_on_by(person):
        return False
    return person.pk == document.owner_id or person.has_perm(document.kind_of.write_permission)


@rule("documents.change_document")
def may_change_document(person: Any, document: Document) -> bool:
    return not document.is_retired and may_write(person, document)


@rule("documents.change_version")
def may_change_version(person: Any, version: Version) -> bool:
    return version.document.is_worked_on_by(person) and (
        person.pk == version.author_id or may_write(person, version.document)
    )


@rule("documents.decide_version")
def may_decide(person: Any, version: Version) -> bool:
    """Sits on the version's route, in this step or another, and wrote nothing of it."""
    if version.wrote(person):
        return False
    return _SEATS.first(THE_PORTAL, version=version.pk, **addressed_by(person.keys())) is not None


@rule("documents.retire_version")
def may_retire(person: Any, version: Version) -> bool:
    """Who keeps the document, and its owner's manager: two have to sign, and confidential ones have few keepers."""
    document = version.document
    return not document.is_retired and (may_keep(person, document) or is_manager_of_owner(person, document))


@rule("documents.keep_document")
def may_keep(person: Any, document: Document) -> bool:
    """Owner, and officers who may see the document: number, owner, readers, sharing, retirement."""
    return document.is_worked_on_by(person) and (
        person.pk == document.owner_id or person.has_perm("documents.keep_documents")
    )


@rule("documents.review_document")
def may_review(person: Any, document: Document) -> bool:
    """Who keeps the document, and its owner's manager: an overdue review goes to them."""
    return not document.is_retired and (may_keep(person, document) or is_manager_of_owner(person, document))


def is_manager_of_owner(person: Any, document: Document) -> bool:
    owner = document.owner
    return owner is not None and owner.manager_id == person.pk and sees(person, document)


@rule("documents.reassign_route")
def may_reassign(person: Any, version: Version) -> bool:
    """Officers who may see the draft and had no hand in it: who wrote a text does not choose who decides on it."""
    return (
        person.has_perm("documents.keep_documents")
        and version.document.is_worked_on_by(person)
        and not version.wrote(person)
    )


@rule("documents.hand_over_approval")
def may_hand_over_approval(person: Any, version: Version) -> bool:
    """Administrators, when they hand over what somebody holds. They need not see the draft for it."""
    return person.has_perm("people.change_person")


@rule("documents.adopt_version")
def may_adopt(person: Any, version: Version) -> bool:
    """Take over what was approved before the portal."""
    return person.has_perm("documents.adopt_versions") and version.document.is_worked_on_by(person)


@rule("documents.share_document")
def may_share(person: Any, document: Document) -> bool:
    return may_keep(person, document)


@entry_rule("core.attach_to", Document)
def may_attach(person: Any, document: Document) -> bool:
    """Who may change the document, or is writing its open version."""
    if not document.is_worked_on_by(person):
        return False
    if may_change_document(person, document):
        return True
    version = document.open_version()
    return version is not None and not document.is_retired and may_change_version(person, version)


@entry_rule("core.keep_comments", Document)
def may_keep_comments(person: Any, document: Document) -> bool:
    return may_keep(person, document)


@rule("documents.keep_route")
def may_keep_route(person: Any, template: RouteTemplate) -> bool:
    """Administrators and process officers say who decides; each change stands in the ledger."""
    return person.has_perm("documents.change_routetemplate")


@rule("documents.keep_kind")
def may_keep_kind(person: Any, settings: KindSettings) -> bool:
    """How strict a kind is, is the administrator's to say: those who write must not loosen their own rules."""
    return person.has_perm("documents.change_kindsettings")
