"""Where the parts of a Word file lie: told by its relationships, because not every writer uses Word's usual names."""

from __future__ import annotations

from collections.abc import Collection
from posixpath import dirname, join, normpath, split

from lxml import etree

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
PACKAGE = "_rels/.rels"
USUAL = "word/document.xml"


def relationships_of(part: str) -> str:
    """The name of the part that lists what this part refers to."""
    folder, name = split(part)
    return join(folder, "_rels", f"{name}.rels")


def targets(relationships: etree._Element | None, beside: str, names: Collection[str]) -> dict[str, tuple[str, str]]:
    """By its id, each part that is referred to and is there: what it is for (the last word of its type), and its name.

    ``beside`` is the part that refers to them ("" for the package itself).
    """
    found = {}
    for relation in relationships.iter(_RELATIONSHIP) if relationships is not None else ():
        target = relation.get("Target") or ""
        inside = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(beside), target))
        if relation.get("TargetMode") != "External" and inside in names:
            found[relation.get("Id") or ""] = ((relation.get("Type") or "").rpartition("/")[2], inside)
    return found


def main_part(relationships: etree._Element | None, names: Collection[str]) -> str | None:
    """The name of the part that holds the document, or None where there is none."""
    told = [name for purpose, name in targets(relationships, "", names).values() if purpose == "officeDocument"]
    return next(iter(told), USUAL if USUAL in names else None)
