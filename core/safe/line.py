"""Titles and names: one line of what people see, in the order in which it was written."""

import re

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Signs that turn the order of all that follows: a name could show as another.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# Nothing is seen of these. Between letters some have a meaning (joined emoji, Persian), at the ends none has.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u2800"
    "\u3164\ufeff\uffa0"
)
_BLANK = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())  # Unicode has none behind that


def one_line(text: str) -> str:
    """The text without line breaks, signs that turn its order, and blanks at its ends, also those of no width."""
    # Not by a pattern: looking for the end from each of a million unseen signs takes hours.
    return _TURNING.sub("", _BREAKS.sub(" ", text)).strip(_BLANK + _UNSEEN)
