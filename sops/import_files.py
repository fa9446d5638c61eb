"""Keeping what an import brings along: the original file and the pictures of each document."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.core.files.base import ContentFile

from core.models import Attachment, CatalogEntry
from people.models import Person
from sops.importing.reading import KeptFile

AT_ONCE = 8  # each file waits for the disk; they wait together
_FIELD = Attachment._meta.get_field("file")


@contextmanager
def files_being_written(files: list[KeptFile]) -> Iterator[list["Future[str]"]]:
    """Write files while the caller writes the rows of their documents: the disk and the database wait side by side.
    Yields what will be each one's name in the storage. Where the caller fails, they are taken away again."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        names = [pool.submit(_write, kept) for kept in files]
        try:
            yield names
        except BaseException:
            for name in names:
                if not name.cancel() and not name.exception():
                    _FIELD.storage.delete(name.result())
            raise


def _write(kept: KeptFile) -> str:
    name = _FIELD.generate_filename(None, f"{kept.id.hex[:2]}/{kept.id.hex}")
    return _FIELD.storage.save(name, ContentFile(kept.data))


def keep_files(files: list[tuple[CatalogEntry, KeptFile]], names: list["Future[str]"], *, by: Person) -> None:
    """Enter the files, as soon as all are written, under the addresses the texts already name. What they are was
    judged when they were read; the ledger names them in the line that says the document was imported."""
    rows = [
        Attachment(
            id=kept.id,
            entry=entry,
            name=kept.name,
            file=name.result(),
            media_type=kept.media_type,
            size=len(kept.data),
            sha256=kept.sha256,
            purpose=kept.purpose,
            uploaded_by=by,
        )
        for (entry, kept), name in zip(files, names, strict=True)
    ]
    Attachment.objects.bulk_create(rows)
