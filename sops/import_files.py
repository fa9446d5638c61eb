"""Keeping what an import brings along: the original file and the pictures of each document."""

from concurrent.futures import ThreadPoolExecutor

from django.core.files.base import ContentFile

from core.models import Attachment, CatalogEntry
from people.models import Person
from sops.importing.reading import KeptFile

AT_ONCE = 8  # each file waits for the disk; they wait together


def keep_files(files: list[tuple[CatalogEntry, KeptFile]], *, by: Person) -> None:
    """Store the files under the addresses the texts already name. What they are was judged when they were read;
    the ledger names them in the line that says the document was imported."""
    rows = []
    for entry, kept in files:
        row = Attachment(
            id=kept.id,
            entry=entry,
            name=kept.name,
            media_type=kept.media_type,
            size=len(kept.data),
            sha256=kept.sha256,
            purpose=kept.purpose,
            uploaded_by=by,
        )
        rows.append(row)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_write, rows, [kept.data for _entry, kept in files]))
    Attachment.objects.bulk_create(rows)


def _write(row: Attachment, data: bytes) -> None:
    row.file.save(f"{row.id.hex[:2]}/{row.id.hex}", ContentFile(data), save=False)
