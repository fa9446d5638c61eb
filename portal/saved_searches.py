"""Searches kept under a name, and being told when one of them finds something new."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, override

from core.models import SavedSearch
from core.notices import tell
from core.search import SORTS, hit_ids

TOPIC = "saved_search"
MOST_HITS = 2_000  # a search that finds more says too little for news
MANY = ("kind", "department", "state", "owner")
NUMBERS = ("department", "owner")


@dataclass(frozen=True)
class Asked:
    """A search as it stands in an address."""

    q: str = ""
    kind: tuple[str, ...] = ()
    department: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    owner: tuple[int, ...] = ()
    everything: bool = False
    exact: bool = False
    sort: str = ""
    page: int = 1

    @classmethod
    def read(cls, address: Mapping[str, str]) -> "Asked":
        """Read an address; what cannot be meant is left out, never an error and never an oracle."""
        several = {
            name: [value for value in address.getlist(name) if value and value.isprintable()][:20] for name in MANY
        }
        numbers = {name: tuple(int(v) for v in several[name] if v.isdecimal() and len(v) < 18) for name in NUMBERS}
        page = address.get("page", "1")
        return cls(
            q=address.get("q", "").replace("\x00", "")[:300],
            kind=tuple(value[:40] for value in several["kind"]),
            state=tuple(value[:40] for value in several["state"]),
            everything=address.get("everything") == "1",
            exact=address.get("exact") == "1",
            sort=address.get("sort", "") if address.get("sort") in SORTS else "",
            page=int(page) if page.isdecimal() and len(page) < 6 else 1,
            **numbers,
        )

    def facets(self) -> dict[str, tuple]:
        """What the results are narrowed by."""
        return {name: getattr(self, name) for name in MANY}

    def scope(self) -> dict[str, Any]:
        """What ``core.search`` wants to know beside the words."""
        return {**self.facets(), "everything": self.everything}

    def query_string(self, **changes: Any) -> str:
        """The address's query string, always in one order."""
        asked = replace(self, **changes)
        pairs: list[tuple[str, Any]] = [("q", asked.q)] if asked.q else []
        pairs += [(name, value) for name in MANY for value in getattr(asked, name)]
        pairs += [(name, "1") for name in ("everything", "exact") if getattr(asked, name)]
        pairs += [("sort", asked.sort)] if asked.sort else []
        return urlencode(pairs)

    def address(self, **changes: Any) -> str:
        return f"{reverse('search')}?{self.query_string(**changes)}"

    def without(self, name: str, value: Any) -> str:
        """The address without one of the chosen values."""
        return self.address(**{name: tuple(kept for kept in getattr(self, name) if kept != value)})


def keep(person: Any, *, query: str, name: str, wants_news: bool) -> tuple[SavedSearch, str]:
    """Save a search, or change the one with the same address; second, why there will be no news."""
    asked = Asked.read(QueryDict(query))
    name = name.strip()[:120] or asked.q or _t("Everything")
    found = _hits(person, asked) if wants_news else []
    too_many = len(found) > MOST_HITS
    refused = (
        _t("Saved without news: it finds more than %(most)s. Narrow it first.") % {"most": MOST_HITS}
        if too_many
        else ""
    )
    saved, _created = SavedSearch.objects.update_or_create(
        person=person,
        query=asked.query_string()[:600],
        defaults={
            "name": name,
            "wants_news": wants_news and not too_many,
            "known_entries": [] if too_many else found,
            "checked_at": timezone.now(),
        },
    )
    return saved, refused


def tell_new_hits() -> int:
    """Tell everybody who asked for it what their searches find now and did not find before; returns how many."""
    told = 0
    wanted = SavedSearch.objects.filter(wants_news=True, person__is_active=True).order_by("pk")
    for pk in wanted.values_list("pk", flat=True):
        told += _tell(pk)
    return told


@transaction.atomic
def _tell(pk: int) -> int:
    saved = (
        SavedSearch.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("person")
        .filter(pk=pk, wants_news=True)
        .first()
    )
    if saved is None:
        return 0
    found = set(_hits(saved.person, Asked.read(QueryDict(saved.query))))
    new = found - set(saved.known_entries)
    saved.known_entries, saved.checked_at = sorted(found), timezone.now()
    saved.save(update_fields=["known_entries", "checked_at"])
    if not new:
        return 0
    with override(saved.person.language):
        text = ngettext("%(n)s new result for “%(name)s”", "%(n)s new results for “%(name)s”", len(new))
        text %= {"n": len(new), "name": saved.name}
    occasion = f"{saved.pk}:{saved.checked_at.isoformat()}"
    return tell([saved.person], TOPIC, text, occasion=occasion, url=f"{reverse('search')}?{saved.query}")


def _hits(person: Any, asked: Asked) -> list[int]:
    return hit_ids(person, asked.q, limit=MOST_HITS + 1, **asked.scope())
