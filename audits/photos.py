"""Making a photo safe and small: what it is is judged before it is decoded, and only the picture itself is kept.

    small = clean_photo(raw)          # bytes of a JPEG, at most 2,048 pixels a side, no metadata

No Django: bytes in, bytes out.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from core.safe.words import Said, gettext_noop

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 60_000_000  # more than the camera of a phone gives; decoded it is 180 MB
MAX_SIDE = 2_048  # pixels of what is kept
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
# The first bytes of what the formats above look like; anything else is never handed to a decoder.
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class PhotoRefused(ValueError):
    """The file cannot be taken as a photo; the message says why and what to do."""

    def __init__(self, message: Said) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Photo:
    """A cleaned photo: JPEG bytes and its size in pixels."""

    data: bytes
    width: int
    height: int


def clean_photo(raw: bytes) -> Photo:
    """The picture upright, without place, device or other metadata, at most ``MAX_SIDE`` pixels a side.

    Raises ``PhotoRefused`` for what is empty, too large, no photo, or damaged.
    """
    if not raw:
        raise PhotoRefused(gettext_noop("The photo is empty. Take it again."))
    if len(raw) > MAX_BYTES:
        raise PhotoRefused(gettext_noop("The photo is larger than 25 MB. Take it with fewer megapixels."))
    if not _looks_like_a_photo(raw):
        raise PhotoRefused(gettext_noop("This is no photo. Choose a JPEG, PNG or WebP picture."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _clean(raw)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise PhotoRefused(gettext_noop("The photo is damaged. Take it again.")) from None


def _looks_like_a_photo(raw: bytes) -> bool:
    return raw.startswith(_SIGNATURES) or (raw[:4] == b"RIFF" and raw[8:12] == b"WEBP")


def _too_many_pixels() -> PhotoRefused:
    return PhotoRefused(gettext_noop("The photo has more than 60 megapixels. Take it with fewer megapixels."))


def _clean(raw: bytes) -> Photo:
    with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:  # reads the header alone
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise _too_many_pixels()
        picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    flat = _on_white(upright)
    # A new picture holds the pixels and nothing else: no place, no device, no thumbnail of before.
    bare = Image.new("RGB", flat.size)
    bare.paste(flat)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *bare.size)


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent parts become white: a JPEG has none."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")
