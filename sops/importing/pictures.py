"""Which bytes are a picture that every browser shows."""

from __future__ import annotations


def shown_by_browsers(data: bytes) -> str | None:
    """The file extension of a PNG, JPEG, GIF or WebP picture, told by its first bytes; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None
