"""Comparing the words of two blocks: what was added, removed, and what only changed its marks, link or picture."""

from difflib import SequenceMatcher
from typing import Any

from sops.redline.blocks import Word

Piece = dict[str, Any]  # {"state": "same" | "added" | "removed" | "format", "text": …, "marks": […], "notes": […]}
MAX_ISLAND = 2  # words that stayed between two changes and are told with them
MAX_WORDS = 6_000  # above this two blocks count as replaced: comparing them would take too long


def compare_words(before: list[Word], after: list[Word]) -> list[Piece]:
    """The words of both in reading order. Where only marks differ the piece is "format" and its notes say how."""
    if len(before) * len(after) > MAX_WORDS**2 // 4:
        return [*whole(before, "removed"), *whole(after, "added")]
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, [_key(word) for word in before], [_key(word) for word in after], autojunk=False)
    for tag, i1, i2, j1, j2 in _without_islands(matcher.get_opcodes(), before):
        if tag == "equal":
            for old, new in zip(before[i1:i2], after[j1:j2], strict=True):
                _add(pieces, "same" if old == new else "format", new, _format_notes(old, new))
            continue
        for word in before[i1:i2]:
            _add(pieces, "removed", word, [])
        for word in after[j1:j2]:
            _add(pieces, "added", word, [])
    return pieces


def _without_islands(opcodes: list[Any], before: list[Word]) -> list[Any]:
    """A word or two that stayed between two changes is told with them: phrases read better than scattered words."""
    result: list[Any] = []
    for place, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        inside = 0 < place < len(opcodes) - 1
        words = sum(not word.text.isspace() for word in before[i1:i2])
        if tag == "equal" and inside and words <= MAX_ISLAND:
            tag = "replace"
        if result and tag != "equal" and result[-1][0] != "equal":
            _tag, old1, _old2, new1, _new2 = result[-1]
            result[-1] = ("replace", old1, i2, new1, j2)
        else:
            result.append((tag, i1, i2, j1, j2))
    return result


def whole(words: list[Word], state: str) -> list[Piece]:
    """Words that all have one state."""
    pieces: list[Piece] = []
    for word in words:
        _add(pieces, state, word, [])
    return pieces


def _key(word: Word) -> tuple[str, str]:
    return (" " if word.text.isspace() else word.text, word.picture)


def _add(pieces: list[Piece], state: str, word: Word, notes: list[list[str]]) -> None:
    marks = sorted(word.marks)
    last = pieces[-1] if pieces else None
    if (
        last
        and (last["state"], last["marks"], last["notes"]) == (state, marks, notes)
        and not (last["picture"] or word.picture)
    ):
        last["text"] += word.text
        return
    pieces.append({"state": state, "text": word.text, "marks": marks, "notes": notes, "picture": word.picture})


def _format_notes(old: Word, new: Word) -> list[list[str]]:
    """What differs between two equal words: [["off", "strong"], ["on", "sup"], ["link", "/old", "/new"]]."""
    gone, come = old.marks - new.marks, new.marks - old.marks
    old_link = next((mark[5:] for mark in sorted(gone) if mark.startswith("link:")), None)
    new_link = next((mark[5:] for mark in sorted(come) if mark.startswith("link:")), None)
    notes = [["off", mark] for mark in sorted(gone) if not mark.startswith("link:")]
    notes += [["on", mark] for mark in sorted(come) if not mark.startswith("link:")]
    if old_link is not None or new_link is not None:
        notes.append(["link", old_link or "", new_link or ""])
    return notes
