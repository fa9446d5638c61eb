"""Stops an upload as soon as it is known to be too large, whatever its headers promised."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _t

AROUND = 1024 * 1024  # what a form may hold beside its file


class UploadTooLarge(RequestDataTooBig):
    """More bytes than a file may have."""


def limit_in_words() -> str:
    """What people are told about the limit."""
    return _t("The file is too large: it may have %(n)s MB.") % {"n": settings.PORTAL_UPLOAD_LIMIT // 1024**2}


def limit_in_megabytes() -> str:
    """How large a file may be."""
    words = _t("%(n)s MB") % {"n": settings.PORTAL_UPLOAD_LIMIT // 1024**2}
    return words.replace(" ", "\u00a0")


class LimitedUploadHandler(FileUploadHandler):
    """Counts what arrives; keeps nothing itself."""

    def handle_raw_input(
        self, input_data: Any, META: dict, content_length: int, boundary: bytes, encoding: str | None = None
    ) -> None:
        """Refuse by the promised length, before a byte is read."""
        self.received = 0
        if content_length > settings.PORTAL_UPLOAD_LIMIT + AROUND:
            raise UploadTooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the piece on to the next handler, unless it is one too many."""
        self.received += len(raw_data)
        if self.received > settings.PORTAL_UPLOAD_LIMIT + AROUND:
            raise UploadTooLarge
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The file is made by a later handler."""
        return None
