"""Whether the index says what the records say; and building it again where it does not.

``check_catalog`` is asked by ``verify``, ``rebuild`` by ``reindex``. Entries are always updated in place: tasks,
notices and comments point at them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from core import catalog
from core.models import CatalogEntry, CatalogText, SearchWord
from core.search_text import remember_words
from core.search_words import plain

CHUNK = 500


@dataclass(frozen=True)
class Difference:
    """One entry that does not say what its record says."""

    kind: str  # missing, orphan, or different
    record: str  # model label and primary key
    field: str = ""
    stored: str = ""
    expected: str = ""

    def __str__(self) -> str:
        if self.kind == "different":
            return f"{self.record}: {self.field} is {self.stored}, should be {self.expected}"
        return f"{self.record}: {'has no entry' if self.kind == 'missing' else 'is gone, its entry is not'}"


@dataclass
class Rebuilt:
    """What a rebuild did."""

    entries: int = 0
    words: int = 0
    orphans: int = 0


def check_catalog() -> list[Difference]:
    """Every entry that is missing, left over, or different from its record."""
    return [difference for model in catalog.listed_models() for difference in _differences(model)]


def _differences(model: type[models.Model]) -> Iterator[Difference]:
    content_type = ContentType.objects.get_for_model(model)
    for records in _in_chunks(model):
        stored = {
            entry.object_id: entry
            for entry in CatalogEntry.objects.filter(content_type=content_type, object_id__in=[r.pk for r in records])
        }
        for record, fields in zip(records, catalog.fields_of(records), strict=True):
            name = f"{model._meta.label} {record.pk}"
            if record.pk not in stored:
                yield Difference("missing", name)
                continue
            for field, expected in fields.items():
                found = getattr(stored[record.pk], field)
                if found != expected:
                    yield Difference("different", name, field, str(found), str(expected))
    for entry in _orphans(model, content_type):
        yield Difference("orphan", f"{model._meta.label} {entry.object_id}")


def _orphans(model: type[models.Model], content_type: ContentType) -> models.QuerySet[CatalogEntry]:
    records = model._base_manager.filter(pk=OuterRef("object_id"))
    return CatalogEntry.objects.filter(~Exists(records), content_type=content_type)


def _in_chunks(model: type[models.Model], size: int = CHUNK) -> Iterator[list[Any]]:
    """All records in order of their keys, so that what is added meanwhile is met or was never due."""
    last = 0
    while records := list(model._base_manager.filter(pk__gt=last).order_by("pk")[:size]):
        yield records
        last = records[-1].pk


def rebuild(*, batch: int = 200, said: Callable[[str], Any] = lambda _line: None) -> Rebuilt:
    """Bring every entry and the table of words up to date; entries that lost their record go."""
    done = Rebuilt()
    for model in catalog.listed_models():
        for records in _in_chunks(model, batch):
            with transaction.atomic():
                for record in records:
                    catalog.refresh(record, anew=True)
            done.entries += len(records)
            said(f"{model._meta.verbose_name_plural}: {done.entries}")
        done.orphans += (
            _orphans(model, ContentType.objects.get_for_model(model)).delete()[1].get(CatalogEntry._meta.label, 0)
        )
    done.words = _rebuild_words()
    return done


def _rebuild_words() -> int:
    """Keep the words that some entry holds, and no others."""
    words: set[str] = set()
    texts = CatalogText.objects.select_related("entry").only("body", "attachments", "entry__title")
    for text in texts.iterator(chunk_size=CHUNK):
        words.update(plain(f"{text.entry.title} {text.body} {text.attachments}").split())
    remember_words(words)
    gone = [word for word in SearchWord.objects.values_list("word", flat=True).iterator() if word not in words]
    for at in range(0, len(gone), 2_000):
        SearchWord.objects.filter(word__in=gone[at : at + 2_000]).delete()
    return SearchWord.objects.count()
