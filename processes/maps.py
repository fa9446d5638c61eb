"""The kind of controlled document that holds a process map: BPMN 2.0 XML, byte for byte as it came."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.saying import in_words
from documents.kinds import ContentRefused, Export, Kind, PartOf, register_kind
from processes.bpmn.drawing import draw
from processes.bpmn.model import Model
from processes.bpmn.naming import node_type_words, one_line
from processes.bpmn.ordering import flow_order
from processes.bpmn.outline import outline_lines
from processes.bpmn.reading import UnreadableMap, read

WRITE = "processes.write_map"
KEY = "map"
MEDIA_TYPE = "application/xml"
PART_KEY = 255  # letters that the key of a part may have
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


@lru_cache(maxsize=32)
def model_of(data: bytes) -> Model:
    """The model of a stored map; the last few are remembered. Raises ``UnreadableMap``."""
    return read(data)


def clean_map(data: bytes) -> tuple[bytes, list[str]]:
    """The bytes as they came; raises ``ContentRefused`` for what cannot be read as a map."""
    if not data.strip():
        return b"", []
    try:
        model_of(data)
    except UnreadableMap as problem:
        raise ContentRefused(in_words(problem.said)) from problem
    return data, []


def map_lines(data: bytes) -> list[str]:
    """The words of a map, a line for each step: what search finds. English words of the map's own language stay."""
    try:
        return outline_lines(model_of(data)) if data else []
    except UnreadableMap:  # stored before this was refused
        return []


def map_text(data: bytes) -> str:
    return "\n".join(map_lines(data))


def part_key(element: str) -> str:
    """The key under which others point at an element; ids that are too long are cut and told apart by a hash."""
    if len(element) <= PART_KEY:
        return element
    return f"{element[: PART_KEY - 17]}~{hashlib.sha256(element.encode()).hexdigest()[:16]}"


def map_parts(data: bytes) -> list[PartOf]:
    """The elements in flow order, then data and notes: what findings, comments and procedures point at."""
    if not data:
        return []
    try:
        model = model_of(data)
    except UnreadableMap:
        return []
    order = flow_order(model)
    seen = set(order)
    rest = [node.id for node in model.nodes.values() if node.id not in seen and node.type != "group"]
    parts = []
    for key in [*order, *rest]:
        node = model.nodes[key]
        label = one_line(node.name) or node_type_words(node)
        if lanes := model.lane_names(node):
            label = f"{label} ({one_line(lanes[-1])})"
        parts.append(PartOf(part_key(key), label[:300], node.type))
    return parts


def render_map(data: bytes) -> str:
    """The drawings one below the other, without links: where a map is shown inside something else."""
    if not data:
        return ""
    model = model_of(data)
    pictures = [draw(model, view, say=_t).svg() for view in model.views if not view.is_empty]
    return mark_safe("".join(pictures))  # noqa: S308 - drawn by processes.bpmn, which escapes every word


def is_empty_map(data: bytes) -> bool:
    """Whether nothing is drawn or named yet that could be approved."""
    return not data or not any(node.is_flow_node for node in model_of(data).nodes.values())


def xml_for_editor(data: bytes) -> str:
    """The XML as text, by its declared encoding; the editor gets no declaration."""
    if not data:
        return ""
    return _DECLARATION.sub("", decode_xml(data), count=1)


def decode_xml(data: bytes) -> str:
    """The text of XML by its byte order mark or declaration; UTF-8 where it says nothing."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    match = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']", data)
    encoding = match[1].decode("ascii") if match else "utf-8"
    try:
        return data.decode(encoding, errors="replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def xml_from_editor(text: str) -> bytes:
    """What the editor sent, as UTF-8 with a declaration that says so."""
    if not text.strip():
        return b""
    body = _DECLARATION.sub("", text, count=1).lstrip()
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode(errors="replace")


def map_exports(version: Any) -> list[Export]:
    """The original file, the picture, and the table of elements."""
    if not version.content_id or not version.body_bytes():
        return []
    where = [version.document.code, version.sequence]
    return [
        Export(_("Download BPMN"), "download", reverse("processes:map-bpmn", args=where)),
        Export(_("Download picture (SVG)"), "download", reverse("processes:map-svg", args=where)),
        Export(_("Elements as Excel"), "download", reverse("processes:map-elements", args=[*where, "xlsx"])),
        Export(_("Elements as CSV"), "download", reverse("processes:map-elements", args=[*where, "csv"])),
    ]


def register_map_kind(**pages: Any) -> None:
    """Make the kind known to document control; ``pages`` are its reading, comparing, editing and paper."""
    register_kind(
        Kind(
            key=KEY,
            label=_("Map"),
            plural=_("Maps"),
            prefix="MAP",
            icon="process",
            write_permission=WRITE,
            media_type=MEDIA_TYPE,
            empty_content=b"",
            encoding="",
            clean=clean_map,
            text=map_text,
            blocks=map_lines,
            render=render_map,
            parts=map_parts,
            is_empty=is_empty_map,
            to_editor=xml_for_editor,
            from_editor=xml_from_editor,
            accepts=(".bpmn", ".bpmn2", ".xml"),
            file_ending=".bpmn",
            content_label=_("Process map"),
            exports=map_exports,
            order=15,
            **pages,
        )
    )
