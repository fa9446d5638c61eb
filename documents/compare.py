"""Comparing two texts block by block and word by word. Plain values in and out, no Django.

Blocks (paragraphs, items, cells) are aligned first, by longest common subsequence of equal blocks; blocks that were
replaced by similar ones are paired and compared word by word. Both texts can be read back whole from the result.
"""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

_WORDS = re.compile(r"\s+|[^\s]+")
SIMILAR = 0.5  # below this share of common words two blocks count as one removed and one added


@dataclass(frozen=True)
class Piece:
    """Some words that are the same, added or cut."""

    kind: str  # "same", "add", "cut"
    text: str


@dataclass(frozen=True)
class Block:
    """One block of the comparison: "same", "add", "cut" or "edit"; an edited one consists of pieces."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Comparison:
    """All blocks in reading order, and how many differ."""

    blocks: list[Block]

    @property
    def changes(self) -> int:
        return sum(1 for block in self.blocks if block.kind != "same")

    def runs(self) -> list[tuple[bool, list[Block]]]:
        """The blocks in reading order as runs: (changed or not, its blocks), so that unchanged text can be folded."""
        return [(changed, list(run)) for changed, run in groupby(self.blocks, key=lambda block: block.kind != "same")]

    def before(self) -> list[str]:
        """The first text, block by block."""
        return self._side("add")

    def after(self) -> list[str]:
        """The second text, block by block."""
        return self._side("cut")

    def _side(self, without: str) -> list[str]:
        return [
            "".join(piece.text for piece in block.pieces if piece.kind != without)
            for block in self.blocks
            if block.kind != without
        ]


def compare_blocks(before: list[str], after: list[str]) -> Comparison:
    """Compare two texts given as blocks."""
    blocks: list[Block] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            blocks += [_whole("same", text) for text in before[i1:i2]]
        else:
            blocks += _replaced(before[i1:i2], after[j1:j2])
    return Comparison(blocks)


def _whole(kind: str, text: str) -> Block:
    return Block(kind, [Piece(kind, text)])


def _replaced(before: list[str], after: list[str]) -> list[Block]:
    """Pair each old block with the next new one that is similar enough; the rest was cut or added."""
    result: list[Block] = []
    start = 0
    for old in before:
        match = next((j for j in range(start, len(after)) if _similarity(old, after[j]) >= SIMILAR), None)
        if match is None:
            result.append(_whole("cut", old))
            continue
        result += [_whole("add", text) for text in after[start:match]]
        result.append(_edited(old, after[match]))
        start = match + 1
    return result + [_whole("add", text) for text in after[start:]]


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def _edited(old: str, new: str) -> Block:
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("cut", "".join(a[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("add", "".join(b[j1:j2])))
    return Block("edit", pieces)


def compare_versions(before: Any, after: Any) -> Comparison:
    """Compare what people read in two versions of one kind; files are compared by the text they hold."""
    return compare_blocks(_blocks_of(before), _blocks_of(after))


def _blocks_of(version: Any) -> list[str]:
    if version.is_file:
        return [line for line in version.data.get("text", "").splitlines() if line.strip()]
    return version.document.kind_of.blocks(version.body_bytes())
