"""Is a file that came in under a known name the next version of the same procedure? Plain words in, a guess out.

The name of a file alone says nothing: two departments have an `SOP.docx`. Titles count as alike when most of their
letters stand in the same order; texts when they share at least a third of their words (Jaccard index).
"""

from difflib import SequenceMatcher

ALIKE_TITLES = 0.6
ALIKE_TEXTS = 1 / 3
MOST_WORDS = 5_000


def titles_are_alike(one: str, other: str) -> bool:
    """Whether two titles may be of one procedure."""
    one, other = one.casefold().strip(), other.casefold().strip()
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE_TITLES


def texts_are_alike(one: str, other: str) -> bool:
    """Whether two texts share so many words that one is a new version of the other."""
    words, others = (set(text.casefold().split()[:MOST_WORDS]) for text in (one, other))
    return bool(words and others) and len(words & others) / len(words | others) >= ALIKE_TEXTS
