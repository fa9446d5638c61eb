"""Are the files that rows speak of there, unaltered, and is there none that no row speaks of?"""

import time
from collections.abc import Iterator

from core.attachments import KEPT_WITHOUT_ROW, is_unaltered
from core.models import Attachment, LedgerLine


def check_attachments() -> Iterator[str]:
    """What is wrong with attached files, in words."""
    written = dict(
        LedgerLine.objects.filter(event="attached", data__has_key="attachment").values_list(
            "data__attachment", "content_hash"
        )
    )
    for attachment in Attachment.objects.order_by("pk").iterator(500):
        named = f"attachment {attachment.pk} ({attachment.name})"
        if written.get(str(attachment.pk), attachment.sha256) != attachment.sha256:
            yield f"The hash of {named} is not the one that the audit log has."
        try:
            if not is_unaltered(attachment):
                yield f"The file of {named} was altered."
        except FileNotFoundError:
            yield f"The file of {named} is missing."
    for name in orphans():
        yield f"The file {name} belongs to no attachment."


def orphans() -> Iterator[str]:
    """Stored files without a row, older than an upload can take. Only for storage that can be listed by folder."""
    storage = Attachment._meta.get_field("file").storage
    top = "attachments"
    if not storage.exists(top):
        return
    for folder in storage.listdir(top)[0]:
        names = [f"{top}/{folder}/{name}" for name in storage.listdir(f"{top}/{folder}")[1]]
        known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            age = time.time() - storage.get_modified_time(name).timestamp()
            if name not in known and age > KEPT_WITHOUT_ROW.total_seconds():
                yield name


def remove_orphans() -> int:
    """Take away what an upload that was interrupted left behind; returns how many files."""
    storage = Attachment._meta.get_field("file").storage
    names = list(orphans())
    for name in names:
        storage.delete(name)
    return len(names)
