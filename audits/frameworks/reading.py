"""From the bytes of a file to a library or a profile, whatever the file is."""

from __future__ import annotations

import io
import json
from typing import Any

from audits.frameworks.nodes import framework_in, read_nodes
from audits.frameworks.oscal import read_catalog, read_profile
from audits.frameworks.oscal_xml import as_json_shape
from audits.frameworks.places import UnreadableFramework
from audits.frameworks.table import ColumnMapping, headings_of, read_table
from audits.frameworks.values import Library, Profile
from core.safe.spreadsheet import UnreadableTable, read_rows
from core.safe.words import Said, gettext_noop
from core.safe.xml import UnsafeXML, parse_xml
from core.safe.yaml import UnsafeYAML, parse_yaml

MAX_BYTES = 32 * 1024 * 1024
_TABLES = ("csv", "tsv", "xlsx")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_framework(data: bytes, name: str, mapping: ColumnMapping | None = None) -> Library | Profile:
    """What a file holds. ``name`` decides between table and text; JSON, XML and YAML are told by their first sign.

    Raises ``UnreadableFramework`` with every problem that was found, each at its place."""
    if not data.strip():
        raise UnreadableFramework.because(gettext_noop("The file is empty."))
    if len(data) > MAX_BYTES:
        raise UnreadableFramework.because(
            gettext_noop(
                "The file is %(size)d MB large; at most %(limit)d MB are read.",
                size=len(data) // 1024**2,
                limit=MAX_BYTES // 1024**2,
            )
        )
    if is_table(data, name):
        try:
            return read_table(read_rows(io.BytesIO(data), name), name, mapping)
        except UnreadableTable as error:
            raise UnreadableFramework.because(_said(error)) from error
    return _from_tree(_tree(data))


def is_table(data: bytes, name: str) -> bool:
    """Whether the file is read as rows and columns."""
    return name.lower().rsplit(".", 1)[-1] in _TABLES or data.startswith(b"PK\x03\x04")


def table_headings(data: bytes, name: str) -> list[str]:
    """The headings of a table, for choosing what each column holds; raises ``UnreadableFramework``."""
    try:
        return headings_of(read_rows(io.BytesIO(data), name))
    except UnreadableTable as error:
        raise UnreadableFramework.because(_said(error)) from error


def _from_tree(tree: Any) -> Library | Profile:
    if isinstance(tree, dict):
        source_format = tree.get("source format", "oscal")
        if isinstance(tree.get("catalog"), dict):
            return read_catalog(tree["catalog"], source_format)
        if isinstance(tree.get("profile"), dict):
            return read_profile(tree["profile"], source_format)
        framework = framework_in(tree)
        if framework is not None:
            return read_nodes(tree, framework)
    raise UnreadableFramework.because(
        gettext_noop(
            "This is no requirement library. Read are OSCAL catalogues and profiles (JSON, XML, YAML), "
            "YAML with requirement_nodes, and tables (CSV, XLSX)."
        )
    )


def _tree(data: bytes) -> Any:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        try:
            return as_json_shape(parse_xml(data, limit=MAX_BYTES))
        except UnsafeXML as error:
            raise UnreadableFramework.because(_said(error)) from error
    text = _decoded(data)
    first = text.lstrip()[:1]
    if first == "<":  # XML in UTF-16
        try:
            return as_json_shape(parse_xml(data, limit=MAX_BYTES))
        except UnsafeXML as error:
            raise UnreadableFramework.because(_said(error)) from error
    if first in ("{", "["):
        return _json(text)
    try:
        return parse_yaml(text)
    except UnsafeYAML as error:
        raise UnreadableFramework.because(_said(error)) from error


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = gettext_noop(
            "The JSON is not well formed at column %(column)d (%(problem)s).", column=error.colno, problem=error.msg
        )
        raise UnreadableFramework.because(message, f"line {error.lineno}") from error
    except RecursionError as error:
        raise UnreadableFramework.because(gettext_noop("The JSON is nested too deep.")) from error
    except ValueError as error:  # a number of very many digits
        raise UnreadableFramework.because(gettext_noop("The JSON holds a number that is too long.")) from error


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = gettext_noop("The text is not UTF-8. Save the file as UTF-8 and try again.")
        raise UnreadableFramework.because(message, f"line {line}") from error
    if "\x00" in text:
        raise UnreadableFramework.because(gettext_noop("The file is not a text."))
    return text


def _said(error: Exception) -> Said:
    return error.args[0] if isinstance(error.args[0], Said) else gettext_noop("The file cannot be read.")
