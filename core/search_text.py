"""The words of an index entry, as PostgreSQL searches them.

The text configuration ``portal`` (made by a migration) is a Snowball stemmer *without* stop words behind ``unaccent``:
people search for "IT onboarding" and "time off", and a stop list drops just those words.
"""

from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from django.db.models.functions import Concat

from core.models.catalog import CatalogEntry, CatalogText

CONFIG = "portal"
# tsvector holds at most 1 MB; what stands later in a very long file is not indexed.
LONGEST = 400_000


def store_words(entry: CatalogEntry, *, body: str, attachments: str = "") -> None:
    """Write the text of an entry and its weighted vector: code and title (A), body (C), attachments (D)."""
    body, attachments = body[:LONGEST].replace("\x00", " "), attachments[:LONGEST].replace("\x00", " ")
    title = Concat(Value(entry.title), Value(" "), Value(entry.code), Value(" "), Value(entry.code_key))
    CatalogText.objects.update_or_create(
        entry=entry,
        defaults={
            "body": body,
            "attachments": attachments,
            "vector": SearchVector(title, weight="A", config=CONFIG)
            + SearchVector(Value(body), weight="C", config=CONFIG)
            + SearchVector(Value(attachments), weight="D", config=CONFIG),
        },
    )
