"""Photos are judged before they are decoded, turned upright, made small, and lose where they were taken."""

import io
import struct
import zlib

import pytest
from PIL import Image

from audits.photos import MAX_SIDE, PhotoRefused, clean_photo

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def picture(size=(640, 480), form="JPEG", mode="RGB", exif=None, **options) -> bytes:
    out = io.BytesIO()
    image = Image.new(mode, size, "red" if mode == "RGB" else (255, 0, 0, 0))
    image.paste("blue", (0, 0, size[0] // 2, size[1] // 2))
    if exif:
        options["exif"] = exif
    image.save(out, form, **options)
    return out.getvalue()


def placed() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "SECRETPHONE"
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 30.0, 12.0)})
    return exif


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")
    )


def test_place_and_device_are_taken_out():
    cleaned = clean_photo(picture(exif=placed())).data
    assert not Image.open(io.BytesIO(cleaned)).getexif()
    assert b"SECRETPHONE" not in cleaned


def test_photo_is_turned_upright():
    cleaned = clean_photo(picture(size=(640, 480), exif=placed()))
    assert (cleaned.width, cleaned.height) == (480, 640)
    blue = Image.open(io.BytesIO(cleaned.data)).getpixel((400, 50))
    assert blue[2] > 200 > blue[0]


def test_large_photo_becomes_small():
    cleaned = clean_photo(picture(size=(6000, 4000)))
    assert max(cleaned.width, cleaned.height) == MAX_SIDE


def test_transparent_picture_stands_on_white():
    cleaned = clean_photo(picture(form="PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(cleaned.data)).getpixel((600, 400)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"GIF89a" + b"\0" * 100, "no photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no photo"),
        (b"MZ\x90\x00" + b"\0" * 100, "no photo"),
        (b"%PDF-1.7\n", "no photo"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "damaged"),
        (picture()[:300], "damaged"),
        (bomb(50_000, 50_000), "megapixels"),
        (bomb(2**31 - 1, 2**31 - 1), "megapixels"),
        (b"\xff\xd8\xff" + b"a" * (25 * 1024 * 1024), "25 MB"),
    ],
)
def test_what_is_no_good_photo_is_refused(raw, words):
    with pytest.raises(PhotoRefused, match=words):
        clean_photo(raw)


def test_nothing_behind_a_picture_is_kept():
    polyglot = picture() + b"PK\x03\x04<script>alert(1)</script>"
    cleaned = clean_photo(polyglot).data
    assert b"<script>" not in cleaned
    assert b"PK\x03\x04" not in cleaned
