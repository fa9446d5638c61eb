"""Views of lists that people keep under a name: filters, order and columns as they stand in the address.

    register_views(ViewList("documents", _("Procedures"), "documents:list"))

The list's own view passes ``tabs_for("documents", request)`` to its page and is otherwise not concerned.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import SavedView
from core.permissions import rule
from core.questions import Question, Slot

MOST = 50  # of one person on one list
LONGEST = 1000
PASSING = ("page", "csrfmiddlewaretoken")


@dataclass(frozen=True)
class ViewList:
    """A list whose views can be kept."""

    name: str
    label: Any
    url_name: str

    def address(self, query: str = "") -> str:
        return f"{reverse(self.url_name)}?{query}" if query else reverse(self.url_name)


_lists: dict[str, ViewList] = {}


def register_views(view_list: ViewList) -> None:
    """Let views of a list be kept."""
    _lists[view_list.name] = view_list


def list_named(name: str) -> ViewList | None:
    return _lists.get(name)


def tidy(query: str) -> str:
    """An address's query string without what passes, always in one order, so that the same view looks the same."""
    asked = QueryDict(query.replace("\x00", "").lstrip("?"))
    pairs = sorted((name, value) for name, values in asked.lists() for value in values if value.strip())
    return urlencode([pair for pair in pairs if pair[0] not in PASSING])


_VIEWS = Question(
    lambda person: (
        SavedView.objects.visible_to(person).filter(listing=Slot("listing")).order_by("is_shared", "name", "id")
    )
)


def tabs_for(name: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Everything, the person's own views, then those for everybody; the one that is shown is marked. One query."""
    now, view_list = tidy(request.GET.urlencode()), _lists[name]
    views = _VIEWS.rows(request.user, listing=name)
    tabs = [{"label": _t("All"), "url": view_list.address(), "current": not now}]
    tabs += [{"label": one.name, "url": view_list.address(one.query), "current": one.query == now} for one in views]
    return tabs if views else []


@rule("core.change_view")
def may_change(person: Any, view: SavedView) -> bool:
    """One's own; what is for everybody also whoever may share."""
    return view.person_id == person.pk or (view.is_shared and person.has_perm("core.share_view"))


def keep(name: str, *, by: Any, title: str, query: str, share: bool = False) -> SavedView:
    """Keep a view under a name; the same name again replaces what it shows."""
    query = tidy(query)
    if len(query) > LONGEST:
        raise Refused(_t("These filters are too long to be kept."))
    mine = SavedView.objects.filter(person=by, listing=name)
    if mine.count() >= MOST and not mine.filter(name=title).exists():
        raise Refused(_t("You keep %(most)s views of this list already. Delete one first.") % {"most": MOST})
    with transaction.atomic():
        view, _new = SavedView.objects.update_or_create(person=by, listing=name, name=title, defaults={"query": query})
        _share(view, share, by=by)
    return view


def change(view: SavedView, *, by: Any, title: str, share: bool) -> None:
    """Rename a view, show it to everybody or to its person alone."""
    _refuse_others(view, by)
    view.name = title
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
            _share(view, share, by=by)
    except IntegrityError:
        raise Refused(_t("Another view has this name.")) from None


def forget(view: SavedView, *, by: Any) -> None:
    """Delete a view; that it was for everybody stays in the ledger."""
    _refuse_others(view, by)
    with transaction.atomic():
        if view.is_shared:
            record_line(view, "view_deleted", by=by, data={"name": view.name, "list": view.listing})
        view.delete()


def _share(view: SavedView, share: bool, *, by: Any) -> None:
    if view.is_shared == share:
        return
    if not by.has_perm("core.share_view"):
        raise NotAllowed(_t("Only administrators and process officers show a view to everybody."))
    view.is_shared = share
    view.save(update_fields=["is_shared"])
    event = "view_shared" if share else "view_unshared"
    record_line(view, event, by=by, data={"name": view.name, "list": view.listing, "query": view.query})


def _refuse_others(view: SavedView, by: Any) -> None:
    if not by.has_perm("core.change_view", view):
        raise NotAllowed(_t("Only who made a view changes it."))
