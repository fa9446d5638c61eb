"""Do the stored hashes still vouch for what is stored? Asked by `manage.py verify`."""

import hashlib
from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from documents.models import Content, Decision, Version
from documents.models.version import hash_of


def check_manifests() -> Iterator[str]:
    """What is wrong with contents, with what was signed, and with who signed what; in words."""
    for content in Content.objects.order_by("pk").iterator(200):
        if hashlib.sha256(content.media_type.encode() + b"\0" + bytes(content.bytes)).hexdigest() != content.sha256:
            yield f"The content {content.sha256} was altered."
    signed = Version.objects.filter(state__in=("in_review", "approved", "retired"))
    for version in signed.select_related("document", "content").order_by("pk").iterator(200):
        if version.manifest_hash not in set(_possible_hashes(version)):
            yield f"{version.code} (sequence {version.sequence}) is not what was signed."
    agreed = Decision.objects.filter(
        seat__step__route__version=OuterRef("pk"), verdict="approve", manifest_hash=OuterRef("manifest_hash")
    )
    for version in signed.exclude(state="in_review").filter(~Exists(agreed), approved_before__isnull=True):
        yield f"Nobody signed {version.code} (sequence {version.sequence}) as it is."


def _possible_hashes(version: Version) -> Iterator[str]:
    """A document may have had another number when it was signed, and the first manifests did not list pictures."""
    manifest = version.manifest()
    for code in (version.document.code, *version.document.former_codes.values_list("code", flat=True)):
        for form in (manifest, {name: value for name, value in manifest.items() if name != "pictures"}):
            yield hash_of(form | {"code": code})
