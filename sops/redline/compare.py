"""The redline itself: units matched by step key, heading and likeness; blocks aligned inside; moves told as moves."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from sops.redline.blocks import Block, Place, blocks_of
from sops.redline.words import Piece, compare_words, whole

Entry = dict[str, Any]
ALIKE = 0.5  # share of common words above which two blocks are one block that changed
WINDOW = 12  # how far apart, in blocks, a changed block is looked for
REVISION = 2  # of these rules: a stored redline of other rules is made again


@dataclass(frozen=True)
class Redline:
    """All blocks of both texts in reading order, each with its state, and what stands behind the last block."""

    entries: list[Entry]
    tails: tuple[str, str] = ("", "")

    @property
    def changes(self) -> list[Entry]:
        """The entries in which something differs."""
        return [entry for entry in self.entries if entry["state"] != "same"]

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {"revision": REVISION, "entries": self.entries, "tails": list(self.tails)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Redline":
        return cls(data["entries"], tuple(data["tails"]))


def compare(before: str, after: str) -> Redline:
    """The redline of two sanitised texts."""
    old_blocks, old_tail = blocks_of(before)
    new_blocks, new_tail = blocks_of(after)
    old, new = _numbered(old_blocks), _numbered(new_blocks)
    entries = _units(old, new)
    if before != after and all(entry["state"] == "same" for entry in entries):
        entries.append(_other_markup())
    return Redline(entries, (old_tail, new_tail))


def accepted(redline: Redline) -> str:
    """The new text, from the redline alone."""
    return _side(redline, "new") + redline.tails[1]


def rejected(redline: Redline) -> str:
    """The old text, from the redline alone."""
    return _side(redline, "old") + redline.tails[0]


def _side(redline: Redline, name: str) -> str:
    slices = (entry[name] for entry in redline.entries if entry[name])
    return "".join(source for _position, source in sorted(slices))


# --- units ---------------------------------------------------------------------------------------------------


@dataclass
class _Unit:
    """Blocks that belong together: a step with everything in it, or a heading with what follows up to a step."""

    key: str  # of a step
    blocks: list[tuple[int, Block]] = field(default_factory=list)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for _at, block in self.blocks for word in _bag(block))

    @property
    def title(self) -> str:
        return self.blocks[0][1].text if self.blocks[0][1].place.kind == "heading" else ""

    @property
    def number(self) -> str:
        return self.blocks[0][1].number


def _numbered(blocks: list[Block]) -> list[_Unit]:
    units: list[_Unit] = []
    for position, block in enumerate(blocks):
        # A sub-step without a key of its own belongs to the step around it.
        begins = block.place.kind == "heading" or not units or units[-1].key != block.step
        if begins:
            units.append(_Unit(block.step))
        units[-1].blocks.append((position, block))
    return units


def _units(old: list[_Unit], new: list[_Unit]) -> list[Entry]:
    pairs = _match_units(old, new)  # index in new → index in old
    moved = _moved(pairs)
    gone = [index for index in range(len(old)) if index not in set(pairs.values())]
    # A removed unit is told behind the unit it followed.
    after_unit: dict[int, list[int]] = {}
    by_old = {value: key for key, value in pairs.items()}
    for index in gone:
        anchor = next(
            (by_old[before] for before in range(index - 1, -1, -1) if before in by_old and by_old[before] not in moved),
            -1,
        )
        after_unit.setdefault(anchor, []).append(index)
    entries: list[Entry] = []
    for index in after_unit.get(-1, []):
        entries += [_removed(at, block) for at, block in old[index].blocks]
    for index, unit in enumerate(new):
        if index in pairs:
            entries += _align(old[pairs[index]].blocks, unit.blocks, is_moved=index in moved)
        else:
            entries += [_added(at, block) for at, block in unit.blocks]
        for removed in after_unit.get(index, []):
            entries += [_removed(at, block) for at, block in old[removed].blocks]
    return entries


def _match_units(old: list[_Unit], new: list[_Unit]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    _match_by(lambda unit: ("step", unit.key) if unit.key else None, old, new, pairs)
    _match_by(lambda unit: ("title", unit.title) if not unit.key and unit.title else None, old, new, pairs)
    free_old = [index for index in range(len(old)) if index not in set(pairs.values())]
    for index, unit in enumerate(new):
        if index in pairs:
            continue
        near = sorted(free_old, key=lambda other: abs(other - index))[:WINDOW]
        scored = [(_share(unit.words, old[other].words), -abs(other - index), other) for other in near]
        if scored and (best := max(scored))[0] >= ALIKE:
            pairs[index] = best[2]
            free_old.remove(best[2])
    if not pairs and len(old) == len(new) == 1:
        pairs[0] = 0
    return pairs


def _match_by(key: Callable[[_Unit], Any], old: list[_Unit], new: list[_Unit], pairs: dict[int, int]) -> None:
    places: dict[Any, list[int]] = {}
    for index, unit in enumerate(old):
        if (name := key(unit)) is not None and index not in set(pairs.values()):
            places.setdefault(name, []).append(index)
    for index, unit in enumerate(new):
        if index not in pairs and (found := places.get(key(unit))):
            pairs[index] = found.pop(0)


def _moved(pairs: dict[int, int]) -> set[int]:
    """Those new units that are not in the longest run of pairs which kept their order."""
    order = sorted(pairs)
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for index in order:
        at = bisect_left(tails, pairs[index])
        before[index] = ends[at - 1] if at else None
        tails[at : at + 1] = [pairs[index]]
        ends[at : at + 1] = [index]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return set(order) - kept


# --- blocks --------------------------------------------------------------------------------------------------


def _align(old: list[tuple[int, Block]], new: list[tuple[int, Block]], *, is_moved: bool) -> list[Entry]:
    entries: list[Entry] = []
    signatures = [[block.signature() for _at, block in side] for side in (old, new)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, signatures[0], signatures[1], autojunk=False).get_opcodes():
        if tag == "equal":
            entries += [_kept(a, b, is_moved=is_moved) for a, b in zip(old[i1:i2], new[j1:j2], strict=True)]
        else:
            entries += _replaced(old[i1:i2], new[j1:j2], is_moved=is_moved)
    return entries


def _replaced(old: list[tuple[int, Block]], new: list[tuple[int, Block]], *, is_moved: bool) -> list[Entry]:
    """Each new block with the likest old one near it; what has none was added, what is left over was removed. Where as
    many blocks came as went, each probably took the place of its counterpart: less has to be alike."""
    entries: list[Entry] = []
    enough = ALIKE / 2 if len(old) == len(new) else ALIKE
    bags = [_bag(block) for _at, block in old]
    start = 0
    for place, (at, block) in enumerate(new):
        bag = _bag(block)
        window = range(start, min(len(old), max(start, place) + WINDOW))
        scored = [(_likeness(old[index][1], bags[index], block, bag), -index) for index in window]
        best = max(scored, default=(0.0, 0))
        if best[0] < enough:
            entries.append(_added(at, block))
            continue
        found = -best[1]
        entries += [_removed(*one) for one in old[start:found]]
        entries.append(_changed(old[found], (at, block), is_moved=is_moved))
        start = found + 1
    return entries + [_removed(*one) for one in old[start:]]


def _likeness(old: Block, old_bag: frozenset[str], new: Block, new_bag: frozenset[str]) -> float:
    if bool(old.rows) != bool(new.rows):
        return 0.0
    alone = {"heading", "rule"} & {old.place.kind, new.place.kind} and old.place.kind != new.place.kind
    return 0.0 if alone else _share(old_bag, new_bag)


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Common words, as a share of the words of both (Dice)."""
    if not one and not other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))


def _bag(block: Block) -> frozenset[str]:
    if block.rows:
        return frozenset(word for row in block.rows for cell in row for word in _bag(cell))
    words = {word.text.lower() for word in block.words if not word.text.isspace()}
    return frozenset(words | {word.picture for word in block.words if word.picture})


# --- entries -------------------------------------------------------------------------------------------------


def _entry(state: str, block: Block, **more: Any) -> Entry:
    place = block.place
    return {
        "state": state,
        "kind": place.kind,
        "level": place.level,
        "ordered": place.is_ordered,
        "callout": place.callout,
        "section": block.section,
        "number": block.number,
        "was": "",  # the number before, where the block moved or was counted otherwise
        "notes": [],
        "pieces": [],
        "rows": [],
        "old": None,
        "new": None,
        **more,
    }


def _added(at: int, block: Block) -> Entry:
    return _entry("added", block, new=[at, block.source], **_content(block, "added"))


def _removed(at: int, block: Block) -> Entry:
    return _entry("removed", block, old=[at, block.source], **_content(block, "removed"))


def _kept(old: tuple[int, Block], new: tuple[int, Block], *, is_moved: bool) -> Entry:
    return _entry(
        "moved" if is_moved else "same",
        new[1],
        old=[old[0], old[1].source],
        new=[new[0], new[1].source],
        was=old[1].number if old[1].number != new[1].number or is_moved else "",
        **_content(new[1], "same"),
    )


def _changed(old: tuple[int, Block], new: tuple[int, Block], *, is_moved: bool) -> Entry:
    before, after = old[1], new[1]
    content: dict[str, Any]
    if after.rows:
        content = {"rows": _rows(before.rows, after.rows)}
    else:
        content = {"pieces": compare_words(before.words, after.words)}
    notes = place_notes(before.place, after.place)
    if not notes and all(piece["state"] == "same" for piece in content.get("pieces", [{"state": "other"}])):
        notes.append(["markup", "", ""])
    if is_moved:
        notes.append(["moved", before.number, after.number])
    return _entry(
        "changed",
        after,
        old=[old[0], before.source],
        new=[new[0], after.source],
        was=before.number if before.number != after.number or is_moved else "",
        notes=notes,
        **content,
    )


def place_notes(old: Place, new: Place) -> list[list[str]]:
    """What changed about where a block stands: [["kind", "item", "paragraph"], ["callout", "caution", "note"], …]."""
    notes = []
    for name in ("kind", "level", "callout"):
        a, b = getattr(old, name), getattr(new, name)
        if a != b:
            notes.append([name, str(a), str(b)])
    if old.kind == new.kind == "item" and old.is_ordered != new.is_ordered:
        notes.append(["list", "ordered" if old.is_ordered else "bullet", "ordered" if new.is_ordered else "bullet"])
    if old.details != new.details:
        notes.append(["details", ", ".join(old.details), ", ".join(new.details)])
    return notes


def _content(block: Block, state: str) -> dict[str, Any]:
    if block.rows:
        return {"rows": [_row(row, state) for row in block.rows]}
    return {"pieces": whole(block.runs, state)}


def _other_markup() -> Entry:
    """Both texts show the same, and yet their bytes differ."""
    return _entry("changed", Block(Place("markup")), notes=[["markup", "", ""]])


# --- tables --------------------------------------------------------------------------------------------------


def _row(row: list[Block], state: str) -> dict[str, Any]:
    return {"state": state, "cells": [_cell(cell, state, whole(cell.runs, state)) for cell in row]}


def _cell(cell: Block, state: str, pieces: list[Piece], notes: list[list[str]] | None = None) -> dict[str, Any]:
    is_head = "th" in cell.place.details
    return {"state": state, "head": is_head, "pieces": pieces, "notes": notes or []}


def _rows(old: list[list[Block]], new: list[list[Block]]) -> list[dict[str, Any]]:
    """The rows of both tables: rows that are alike are compared cell by cell, the others were added or removed."""
    keys = [[tuple(cell.signature() for cell in row) for row in side] for side in (old, new)]
    rows: list[dict[str, Any]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [_row(row, "same") for row in new[j1:j2]]
        else:
            rows += _replaced_rows(old[i1:i2], new[j1:j2])
    return rows


def _replaced_rows(old: list[list[Block]], new: list[list[Block]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    bags = [frozenset(word for cell in row for word in _bag(cell)) for row in old]
    start = 0
    for place, row in enumerate(new):
        bag = frozenset(word for cell in row for word in _bag(cell))
        window = range(start, min(len(old), max(start, place) + WINDOW))
        best = max(((_share(bags[index], bag), -index) for index in window), default=(0.0, 0))
        if best[0] < ALIKE:
            rows.append(_row(row, "added"))
            continue
        found = -best[1]
        rows += [_row(one, "removed") for one in old[start:found]]
        rows.append({"state": "changed", "cells": _cells(old[found], row)})
        start = found + 1
    return rows + [_row(row, "removed") for row in old[start:]]


def _cells(old: list[Block], new: list[Block]) -> list[dict[str, Any]]:
    cells = []
    for before, after in zip(old, new, strict=False):
        if before.signature() == after.signature():
            cells.append(_cell(after, "same", whole(after.runs, "same")))
        else:
            notes = place_notes(before.place, after.place)
            cells.append(_cell(after, "changed", compare_words(before.words, after.words), notes))
    cells += [_cell(cell, "removed", whole(cell.runs, "removed")) for cell in old[len(new) :]]
    return cells + [_cell(cell, "added", whole(cell.runs, "added")) for cell in new[len(old) :]]
