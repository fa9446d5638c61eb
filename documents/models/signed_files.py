import re
from typing import Any

from core.models import Attachment
from core.questions import THE_PORTAL, Question, Slot

_PICTURE = re.compile(rb"/attachments/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/")

_APPENDICES = Question(
    lambda _: Attachment.objects.filter(appendices__version=Slot("version")).order_by().values_list("name", "sha256")
)


def files_signed_with(version: Any) -> dict[str, list[list[str]]]:
    """The files a version's signature vouches for: name and sha256 of each appendix, id and sha256 of each picture in
    its text. A version without such files has no entry for them."""
    listed = {
        "appendices": sorted(map(list, _APPENDICES.rows(THE_PORTAL, version=version.pk))),
        "pictures": _pictures(version),
    }
    return {name: files for name, files in listed.items() if files}


def _pictures(version: Any) -> list[list[str]]:
    named = set() if version.is_file else {found.decode() for found in _PICTURE.findall(version.body_bytes())}
    rows = Attachment.objects.filter(pk__in=named).values_list("pk", "sha256") if named else []
    return sorted([str(pk), digest] for pk, digest in rows)
