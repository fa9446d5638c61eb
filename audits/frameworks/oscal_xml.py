"""OSCAL in XML brought into the shape of its JSON, so that one reader serves both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

_PROSE = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "img"}
# Child elements that hold more than one text; all others are texts.
_LISTS = {
    "group": "groups",
    "control": "controls",
    "subcontrol": "subcontrols",
    "part": "parts",
    "param": "params",
    "prop": "props",
    "link": "links",
    "import": "imports",
    "party": "parties",
    "responsible-party": "responsible-parties",
    "guideline": "guidelines",
    "include-controls": "include-controls",
    "exclude-controls": "exclude-controls",
    "include": "include",
    "exclude": "exclude",
    "call": "calls",
    "matching": "matching",
    "match": "matching",
    "with-id": "with-ids",
    "party-uuid": "party-uuids",
    "choice": "choice",
}
_MAPPINGS = {"metadata", "select", "all", "include-all"}
_SKIPPED = {"back-matter", "remarks", "merge", "modify", "revisions", "revision-history"}


def as_json_shape(root: etree._Element) -> dict[str, Any]:
    """{"catalog": …} or {"profile": …} as the JSON of the same content has it; other roots give their own name."""
    return {_name(root): _element(root)}


def _element(element: etree._Element) -> Any:
    value: dict[str, Any] = {_name_of(key): text for key, text in element.attrib.items()}
    prose: list[str] = []
    for child in element:
        if not isinstance(child.tag, str) or (name := _name(child)) in _SKIPPED:
            continue
        if name in _PROSE:
            prose += _lines(child, "")
        else:
            _take(value, name, child)
    name = _name(element)
    if prose:
        value["prose"] = "\n".join(prose)
    if name in ("prop", "with-id", "choice", "party-uuid") or (name in ("guideline",) and not prose):
        words = _inline(element).strip()
        if name != "prop":
            return {"prose": words} if name == "guideline" else words
        value.setdefault("value", words)
    return value


def _take(value: dict[str, Any], name: str, child: etree._Element) -> None:
    if name in _LISTS:
        value.setdefault(_LISTS[name], []).append(_element(child))
    elif name in _MAPPINGS:
        value[name] = _element(child)
    else:
        value.setdefault(name, _inline(child).strip())


def _lines(element: etree._Element, indent: str) -> list[str]:
    """A block of prose as lines of plain text; lists keep their marks."""
    name = _name(element)
    if name in ("ul", "ol"):
        lines = []
        for number, item in enumerate(element.iterchildren("{*}li"), start=1):
            mark = f"{number}." if name == "ol" else "-"
            lines.append(f"{indent}{mark} {_inline(item, skip={'ul', 'ol'}).strip()}")
            for nested in item.iterchildren("{*}ul", "{*}ol"):
                lines += _lines(nested, indent + "  ")
        return lines
    if name == "table":
        return [" | ".join(_inline(cell).strip() for cell in row) for row in element.iter("{*}tr")]
    words = _inline(element).strip()
    return [indent + words] if words else []


def _inline(element: etree._Element, skip: set[str] = frozenset()) -> str:
    """The words of an element; a parameter stands as in JSON: "{{ insert: param, id }}"."""
    pieces: list[str] = []
    _collect(element, pieces.append, skip)
    return " ".join("".join(pieces).split())


def _collect(element: etree._Element, add: Callable[[str], None], skip: set[str]) -> None:
    add(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and (name := _name(child)) not in skip:
            if name == "insert":
                add("{{ insert: param, %s }}" % (child.get("id-ref") or child.get("param-id") or ""))
            else:
                _collect(child, add, skip)
        add(child.tail or "")


def _name(element: etree._Element) -> str:
    return _name_of(str(element.tag))


def _name_of(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
