import re
from collections import defaultdict
from typing import Any
from uuid import UUID

from core.models import Attachment
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot

_PICTURE = re.compile(rb"/attachments/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/")

_APPENDICES = Question(
    lambda _: (
        Attachment.objects.filter(OneOf("appendices__version", Slot("versions", IDS)))
        .order_by()
        .values_list("appendices__version_id", "name", "sha256")
    )
)

Files = dict[str, list[list[str]]]


def files_signed_with(versions: list[Any]) -> list[Files]:
    """The files that each version's signature vouches for: name and sha256 of each appendix, id and sha256 of each
    picture in its text. A version without such files has no entry for them."""
    appendices: dict[int, list[list[str]]] = defaultdict(list)
    for version, *file in _APPENDICES.rows(THE_PORTAL, versions=[version.pk for version in versions]):
        appendices[version].append(file)
    named = [
        set() if version.is_file else {UUID(found.decode()) for found in _PICTURE.findall(version.body_bytes())}
        for version in versions
    ]
    wanted = set().union(*named)
    hashes = dict(Attachment.objects.filter(pk__in=wanted).values_list("pk", "sha256")) if wanted else {}
    return [
        {
            name: files
            for name, files in {
                "appendices": sorted(appendices[version.pk]),
                "pictures": sorted([str(pk), hashes[pk]] for pk in pictures if pk in hashes),
            }.items()
            if files
        }
        for version, pictures in zip(versions, named, strict=True)
    ]
