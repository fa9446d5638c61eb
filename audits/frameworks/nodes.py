"""YAML libraries of the shape that CISO Assistant uses: a flat list of nodes that name their parents.

Read are ``urn, ref_id, name, description, annotation, parent_urn, assessable, depth, implementation_groups`` below
``objects: framework: requirement_nodes``, and ``implementation_groups_definition`` for the names of the levels.
"""

from __future__ import annotations

from typing import Any

from audits.frameworks.places import Findings, UnreadableFramework
from audits.frameworks.values import Entry, Library, Part, Selection, series_of
from core.safe.words import gettext_noop

MAX_DEPTH = 24


def framework_in(data: Any) -> dict[str, Any] | None:
    """The framework in a file of this shape, or None where it is of another."""
    if not isinstance(data, dict):
        return None
    objects = data.get("objects", data)
    framework = objects.get("framework") or objects.get("frameworks") if isinstance(objects, dict) else None
    if isinstance(framework, list):
        framework = framework[0] if framework else None
    return framework if isinstance(framework, dict) and "requirement_nodes" in framework else None


def read_nodes(data: dict[str, Any], framework: dict[str, Any]) -> Library:
    """A library; raises ``UnreadableFramework``."""
    title = _text(framework.get("name") or data.get("name"))
    if not title:
        raise UnreadableFramework.because(gettext_noop("It has no name."), "objects › framework")
    library = Library("yaml-nodes", title, _text(data.get("version") or framework.get("version"))[:60], "")
    library.series = (_text(framework.get("urn") or data.get("urn")) or series_of(title))[:120]
    library.publisher = _text(data.get("provider"))[:200]
    library.licence = _text(data.get("copyright"))[:500]
    library.language = _text(data.get("locale"))[:20]
    library.published_on = _text(data.get("publication_date"))[:10]
    found = Findings()
    nodes = _nodes(framework["requirement_nodes"], found)
    _check_parents(nodes, found)
    found.refuse_any()
    library.entries = [_entry(node, nodes) for node in _in_reading_order(nodes)]
    library.selections = _selections(framework, nodes)
    return library


def _nodes(listed: Any, found: Findings) -> dict[str, dict[str, Any]]:
    """The nodes by id, in the order of the file."""
    nodes: dict[str, dict[str, Any]] = {}
    if not isinstance(listed, list) or not listed:
        found.add("requirement_nodes", gettext_noop("The list of requirements is empty."))
        return nodes
    for number, node in enumerate(listed, start=1):
        place = f"requirement_nodes {number}"
        if not isinstance(node, dict):
            found.add(place, gettext_noop("Here a mapping is expected."))
        elif found.claim(key := _text(node.get("urn") or node.get("ref_id")), place):
            nodes[key] = node | {"place": place}
    return nodes


def _check_parents(nodes: dict[str, dict[str, Any]], found: Findings) -> None:
    """Parents exist and no chain of parents comes back to where it began or goes too deep."""
    depths: dict[str, int] = {"": -1}
    for key in nodes:
        chain: list[str] = []
        above = key
        while above not in depths and above not in chain:
            chain.append(above)
            above = _parent(nodes[above])
            if above and above not in nodes:
                message = gettext_noop("The parent “%(id)s” is not in the file.", id=above[:120])
                found.add(nodes[chain[-1]]["place"], message)
                above = ""
        if above in chain:
            message = gettext_noop("“%(id)s” is, over its parents, its own parent.", id=above[:120])
            found.add(nodes[above]["place"], message)
            depths[above] = 0
            chain = chain[: chain.index(above)]
        for one in reversed(chain):
            depths[one] = depths[_parent(nodes[one])] + 1 if _parent(nodes[one]) in depths else 0
            if depths[one] > MAX_DEPTH:
                found.add(nodes[one]["place"], gettext_noop("Nested more than %(limit)d deep.", limit=MAX_DEPTH))
                depths[one] = 0
    for key, node in nodes.items():
        node["level"] = depths[key]


def _in_reading_order(nodes: dict[str, dict[str, Any]]) -> list[str]:
    """Parents before children, otherwise as in the file."""
    children: dict[str, list[str]] = {}
    for key, node in nodes.items():
        children.setdefault(_parent(node), []).append(key)
    order: list[str] = []
    waiting = list(reversed(children.get("", [])))
    while waiting:
        key = waiting.pop()
        order.append(key)
        waiting += reversed(children.get(key, []))
    return order


def _entry(key: str, nodes: dict[str, dict[str, Any]]) -> Entry:
    node = nodes[key]
    name, description = _text(node.get("name")), _text(node.get("description"))
    label = _text(node.get("ref_id"))[:80]
    title = name or _first_line(description) or label or key
    parent = _parent(node)
    is_group = not _is_assessable(node)
    annotation, evidence = _text(node.get("annotation")), _text(node.get("typical_evidence"))
    parts = [Part("statement", text=description)] if description else []
    parts += [Part("guidance", text=annotation)] if annotation else []
    parts += [Part("evidence", text=evidence)] if evidence else []
    return Entry(
        external_id=key,
        label=label,
        title=title,
        is_group=is_group,
        parent=parent,
        depth=node["level"],
        is_enhancement=not is_group and bool(parent) and _is_assessable(nodes[parent]),
        text=description,
        guidance=annotation,
        parts=parts,
    )


def _selections(framework: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> list[Selection]:
    """The implementation groups as baselines, in the order in which they are defined or met."""
    names = {
        _text(group.get("ref_id")): _text(group.get("name"))
        for group in _listed(framework.get("implementation_groups_definition"))
        if isinstance(group, dict)
    }
    ids: dict[str, list[str]] = {key: [] for key in names}
    for key, node in nodes.items():
        groups = node.get("implementation_groups") or []
        for group in groups if isinstance(groups, list) else _text(groups).split(","):
            if _is_assessable(node) and _text(group):
                ids.setdefault(_text(group), []).append(key)
    return [Selection(key, names.get(key) or key, chosen) for key, chosen in ids.items() if chosen]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_assessable(node: dict[str, Any]) -> bool:
    return _text(node.get("assessable")).casefold() in ("true", "yes", "1", "on")


def _parent(node: dict[str, Any]) -> str:
    return _text(node.get("parent_urn"))


def _first_line(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 200 else line[:199].rsplit(" ", 1)[0] + "…"


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).replace("\x00", "").strip()
    return "" if text in ("null", "~", "None") else text
