"""Display names: nobody takes one that somebody else has or had, so that a printed name stays one person's."""

import unicodedata
from typing import Any

from django.urls import reverse

from core.notices import tell
from core.safe.words import gettext_noop
from people.models import Person


def name_key(name: str) -> str:
    """Equal for names that look the same: case, width and spacing do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_taken(name: str, *, by_other_than: Person) -> bool:
    """Whether somebody else has this name, or had it once; people who have left included."""
    wanted = name_key(name)
    for names in (
        Person.objects.exclude(pk=by_other_than.pk).values_list("name", flat=True),
        Person.history.exclude(id=by_other_than.pk).values_list("name", flat=True),
    ):
        if any(name_key(one) == wanted for one in names.order_by().distinct()):
            return True
    return False


def tell_administrators(person: Person, before: str, *, by: Any) -> None:
    """Administrators hear that somebody calls themself otherwise."""
    others = Person.objects.administrators().exclude(pk=getattr(by, "pk", None))
    tell(
        others,
        "security",
        gettext_noop("%(before)s (%(email)s) is now called %(name)s", before=before, email=person.email, name=person),
        occasion=f"renamed:{person.pk}:{name_key(before)[:80]}:{name_key(str(person))[:80]}",
        url=reverse("people:page", args=[person.pk]),
    )
