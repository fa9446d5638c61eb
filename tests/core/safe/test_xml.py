"""XML nobody vouches for is read quickly and completely, or refused with the line."""

import time

import pytest

from core.safe.xml import UnsafeXML, parse_xml

HOSTILE = [
    (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "line 1: A DOCTYPE is not allowed"),
    (b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "line 2: A DOCTYPE"),
    (
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
        "line 1: A DOCTYPE",
    ),
    (b"\xff\xfe" + '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16-le"), "DOCTYPE"),
    (b"<a>&undefined;</a>", "line 1: "),
    (b"<a>" * 100_000, "nested more than 256 deep"),
    (b"<a>\n" * 100_000 + b"</a>" * 100_000, "line 2\\d\\d: Elements are nested"),
    (b"<a " + b" ".join(b'x%d="1"' % n for n in range(300_000)) + b"/>", "line 1: A tag is too long"),
    (b"<a>" + b"<b/>" * 2_000_000 + b"</a>", "more than 1200000 tags"),
    (b"<a>\n<b>\n</a>", "line 3: The XML is not well formed"),
    (b"<a><b>", "line 1: The XML is not well formed"),
    (b"", "line 1: "),
    (b"\x00" * 1_000, "line 1: "),
    (b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-script+AD4-</a>', "This character encoding is not accepted"),
    (b'<?xml version="1.0" encoding="nonsense"?><a/>', "line 1: "),
    (b'<a x="1" x="2"/>', "line 1: "),
    (b"<a>" + b"x" * (51 * 1024 * 1024), "at most 50 MB"),
]


@pytest.mark.parametrize(("data", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_neg_28_hostile_xml_is_refused_in_time_with_its_line(data, said):
    started = time.process_time()
    with pytest.raises(UnsafeXML, match=said):
        parse_xml(data)
    assert time.process_time() - started < 2


def test_ordinary_xml_is_read_in_its_declared_encoding():
    root = parse_xml('<?xml version="1.0" encoding="ISO-8859-1"?><a n="ü"><b>ä</b><!-- c --></a>'.encode("latin-1"))
    assert root.get("n") == "ü"
    assert root.findtext("b") == "ä"
    assert parse_xml("<a>ß</a>".encode("utf-16")).text == "ß"
