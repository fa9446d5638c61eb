"""Words as the search compares them: lower case, without accents and signs, numbers without leading noughts."""

import re
import unicodedata

_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_APOSTROPHE = re.compile(r"['’ʼ](?<=\w.)(?=\w)")  # the sign first: what a search can skip to
_WORD = re.compile(r"[^\W_]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_NOUGHTS = re.compile(r"^0+(?=\d)")
# ASCII with blanks for all that is neither letter nor digit; bytes are translated six times as fast as a pattern finds.
_BLANKS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)

SHORTEST, LONGEST = 3, 40  # of the words that are offered as a correction


def words_of(text: str) -> list[str]:
    """The words of a text, in order: "SOP-014: Größe" gives sop, 14, grosse."""
    bare = _FOREIGN.sub(_bare, _APOSTROPHE.sub("", text.casefold()))
    words = bare.encode().translate(_BLANKS).decode().split() if bare.isascii() else _WORD.findall(bare)
    return [_NOUGHTS.sub("", word) if word[0] == "0" else word for word in words]


def _bare(signs: re.Match[str]) -> str:
    """Signs beyond ASCII as what is left of them without their accents; what is no letter or digit parts words."""
    apart = unicodedata.normalize("NFKD", signs[0].translate(_LETTERS))
    return "".join(sign if sign.isalnum() else " " for sign in apart if not unicodedata.combining(sign))


def plain(text: str) -> str:
    """The words of a text with one blank between them."""
    return " ".join(words_of(text))


def is_correctable(word: str) -> bool:
    """Whether a word may be corrected or be a correction: letters, neither very short nor very long."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def variants_of(word: str) -> list[str]:
    """The word and what is left of it when one letter is missing: two words one slip apart share a variant."""
    return sorted({word, *(word[:at] + word[at + 1 :] for at in range(len(word)))})


def distance(one: str, other: str) -> int:
    """How many slips (a letter missing, added, wrong, or two swapped) lie between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, against in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]
