"""Archives nobody vouches for are judged before anything is unpacked."""

import io
import struct
import time
import warnings
import zipfile

import pytest

from core.safe.zip import UnsafeArchive, checked_zip


def archive(entries, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", compression) as writing:
        warnings.simplefilter("ignore")
        for name, data in entries:
            writing.writestr(name, data)
    return file.getvalue()


def link():
    entry = zipfile.ZipInfo("shortcut")
    entry.external_attr = 0o120777 << 16
    return archive([(entry, "/etc/passwd")])


def device():
    entry = zipfile.ZipInfo("device")
    entry.external_attr = 0o020666 << 16
    return archive([(entry, "")])


def locked():
    data = bytearray(archive([("a.txt", b"secret")]))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = data.index(mark) + place
        data[start : start + 2] = struct.pack("<H", 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: archive([("word/document.xml", b"\0" * 200_000_000)]), "too large"),
        (lambda: archive([("word/document.xml", b"\0" * 100_000_000)]), "more than 100 times"),
        (lambda: archive([(f"{n}.bin", b"\0" * 140_000_000) for n in range(3)], zipfile.ZIP_STORED), "at most 300 MB"),
        (lambda: archive([(f"{n}.txt", b"") for n in range(2_001)]), "holds 2001 files; at most 2000"),
        (lambda: archive([("../../etc/passwd", b"x")]), "leads outside"),
        (lambda: archive([("/etc/passwd", b"x")]), "leads outside"),
        (lambda: archive([("..\\..\\boot.ini", b"x")]), "leads outside"),
        (lambda: archive([("C:\\boot.ini", b"x")]), "leads outside"),
        (lambda: archive([("a/../../b", b"x")]), "leads outside"),
        (link, "link or device"),
        (device, "link or device"),
        (lambda: archive([("a.txt", b"1"), ("a.txt", b"2")]), "two files with the same name"),
        (lambda: archive([("a.txt", b"1"), ("A.TXT", b"2")]), "two files with the same name"),
        (lambda: archive([("a/b.txt", b"1"), ("a//b.txt", b"2")]), "two files with the same name"),
        (lambda: archive([("a/b.txt", b"1"), ("a/./b.txt", b"2")]), "two files with the same name"),
        (lambda: archive([("a/b.txt", b"1"), ("a\\B.txt", b"2")]), "two files with the same name"),
        (lambda: archive([("inner.zip", archive([("a", b"1")]))]), "another archive"),
        (locked, "protected by a password"),
        (lambda: b"", "damaged"),
        (lambda: b"PK\x03\x04 cut off", "damaged"),
        (lambda: archive([("a.txt", b"1")])[:-30], "damaged"),
    ],
)
def test_neg_29_a_hostile_archive_is_refused_from_what_it_declares(data, said):
    data = data()
    started = time.process_time()
    with pytest.raises(UnsafeArchive, match=said):
        checked_zip(data)
    assert time.process_time() - started < 1


def test_neg_29_an_entry_that_lies_about_its_size_is_stopped_while_it_is_read():
    data = bytearray(archive([("a.xml", b"\0" * 5_000_000)]))
    start = data.index(b"PK\x01\x02") + 24
    data[start : start + 4] = struct.pack("<I", 1_000)
    local = data.index(b"PK\x03\x04") + 22
    data[local : local + 4] = struct.pack("<I", 1_000)
    with pytest.raises(UnsafeArchive, match="damaged|unpacks to more"):
        checked_zip(bytes(data)).read("a.xml")


def test_a_damaged_entry_is_said_to_be_damaged():
    data = bytearray(archive([("a.xml", bytes(range(256)) * 100)]))
    data[60:70] = b"\xff" * 10
    with pytest.raises(UnsafeArchive, match="damaged"):
        checked_zip(bytes(data)).read("a.xml")


def test_an_honest_archive_is_read():
    reading = checked_zip(archive([("a.txt", b"one"), ("b/", b""), ("b/c.txt", b"two" * 1000)]))
    assert reading.read("b/c.txt") == b"two" * 1000
    with pytest.raises(UnsafeArchive):
        reading.read_limited("b/c.txt", limit=10)
