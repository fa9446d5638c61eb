from collections.abc import Iterable

from django.db import connection, models

from documents.kinds import PartOf
from documents.models.document import Document


class Part(models.Model):
    """What others point at inside a document: a step, an element, a question. Never deleted."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="parts")
    key = models.CharField(max_length=255)
    label = models.CharField(max_length=300, blank=True)
    type = models.CharField(max_length=60, blank=True)  # as the kind names it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="one_part_of_a_key_per_document")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.key}"

    @classmethod
    def keep(cls, parts_of: Iterable[tuple[Document, list[PartOf]]]) -> None:
        """Add to each document what is new among its parts and refresh the words of what has others now; nothing is
        removed. Of two with one key the later counts."""
        rows = [
            (document.pk, part.key, part.label[:300], part.type[:60])
            for document, parts in parts_of
            for part in {part.key: part for part in parts}.values()
        ]
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO documents_part (document_id, key, label, type)
                   SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::varchar[], %s::varchar[])
                   ON CONFLICT (document_id, key) DO UPDATE SET label = excluded.label, type = excluded.type
                   WHERE (documents_part.label, documents_part.type) <> (excluded.label, excluded.type)""",
                [list(column) for column in zip(*rows, strict=True)],
            )
