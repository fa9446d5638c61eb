"""Reading XML nobody vouches for: no DOCTYPE, no entities, no network, bounded size, depth and attributes."""

from __future__ import annotations

import re

from lxml import etree

from core.safe.words import Said, gettext_noop

MAX_BYTES = 50 * 1024 * 1024
# libxml2 refuses 257 levels by itself.
MAX_DEPTH = 256
MAX_TAGS = 1_200_000
MAX_TAG_BYTES = 128 * 1024
_LONG_TAG = re.compile(rb"<[A-Za-z_:\x00][^<>]{%d}" % MAX_TAG_BYTES)
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.I)
_UNUSUAL_ENCODINGS = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?:utf-?7|ucs-?4|utf-?32|ebcdic|cp037)", re.I)


class UnsafeXML(ValueError):
    """The XML is not read; the message begins with the line where that is known."""


def parse_xml(data: bytes, *, limit: int = MAX_BYTES) -> etree._Element:
    """The root element of well-formed, modest XML; everything else raises `UnsafeXML`."""
    if len(data) > limit:
        raise UnsafeXML(
            gettext_noop(
                "The XML is %(size)d MB long; at most %(limit)d MB are allowed.",
                size=len(data) // 1024**2,
                limit=limit // 1024**2,
            )
        )
    if _UNUSUAL_ENCODINGS.match(data.lstrip(b"\xef\xbb\xbf \t\r\n")):
        raise UnsafeXML(gettext_noop("line 1: This character encoding is not accepted. Use UTF-8."))
    # Judged on the bytes first: the parser would need seconds to find out by itself.
    if match := _DOCTYPE.search(data, 0, 65_536):
        raise UnsafeXML(gettext_noop("line %(line)d: A DOCTYPE is not allowed.", line=_line(data, match.start())))
    if match := _LONG_TAG.search(data):
        raise UnsafeXML(gettext_noop("line %(line)d: A tag is too long.", line=_line(data, match.start())))
    if data.count(b"<") > MAX_TAGS:
        raise UnsafeXML(gettext_noop("The XML has more than %(limit)d tags.", limit=MAX_TAGS))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnsafeXML(_said(error)) from error
    except (ValueError, LookupError) as error:
        raise UnsafeXML(gettext_noop("The XML cannot be read.")) from error
    docinfo = root.getroottree().docinfo
    if docinfo.doctype or docinfo.internalDTD is not None:
        raise UnsafeXML(gettext_noop("line %(line)d: A DOCTYPE is not allowed.", line=1))
    return root


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _said(error: etree.XMLSyntaxError) -> Said:
    line = error.lineno or 1
    if "entit" in (error.msg or "").lower() or "DOCTYPE" in (error.msg or ""):
        return gettext_noop("line %(line)d: A DOCTYPE or entity is not allowed.", line=line)
    if "depth" in (error.msg or "").lower():
        return gettext_noop("line %(line)d: Elements are nested more than %(limit)d deep.", line=line, limit=MAX_DEPTH)
    reason = re.sub(r", line \d+, column \d+.*", "", error.msg or "").strip()[:160]
    return gettext_noop("line %(line)d: The XML is not well formed (%(reason)s).", line=line, reason=reason)
