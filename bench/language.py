"""Made-up texts of procedures: our own words, some common and most rare, as in any language."""

import bisect
import itertools
import random
from collections.abc import Sequence

_COMMON = """the of to and in a is for be with are that on by this must from or as at not it each before after
when record check person process goods team quality date number work report review list report area time
order form shift step change approve store receive clean measure pack label ship return calibrate inspect
train audit maintain release supplier customer vehicle pallet batch sample line room door alarm limit reading
sensor freezer dock seal driver warehouse equipment tool machine document version owner manager deviation
complaint finding action cause risk control target figure result procedure instruction policy system access
password backup incident service invoice payment contract request ticket visitor badge key fire water waste
chemical glove mask first aid accident noise dust light power battery gas pressure temperature humidity weight
length colour surface paint weld cut drill bolt screw cable pipe valve pump filter motor belt crane ladder"""
COMMON = _COMMON.split()
ONSETS = ["b", "br", "c", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr", "qu"]
ONSETS += ["r", "s", "sc", "sh", "sl", "sp", "st", "str", "t", "th", "tr", "v", "w"]
VOWELS = ["a", "e", "i", "o", "u", "ea", "ai", "ou", "oo", "y"]
ENDS = ["", "n", "r", "l", "s", "t", "m", "nd", "st", "ck", "rm", "lt", "x", "p"]
WORDS, SLOPE = 30_000, 1.05


class Language:
    """A vocabulary in which the n-th word is about n times rarer than the first."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same texts each time
        self.words = list(dict.fromkeys(COMMON))
        known = set(self.words)
        while len(self.words) < WORDS:
            word = "".join(self._syllable() for _ in range(self.chance.choice((1, 2, 2, 3, 3, 4))))
            if 4 <= len(word) <= 16 and word not in known:
                known.add(word)
                self.words.append(word)
        weights = (1 / (rank + 3) ** SLOPE for rank in range(WORDS))
        self.weights = list(itertools.accumulate(weights))
        self.total = self.weights[-1]

    def _syllable(self) -> str:
        choose = self.chance.choice
        return choose(ONSETS) + choose(VOWELS) + choose(ENDS)

    def word(self) -> str:
        """One word, the common ones often."""
        return self.words[bisect.bisect(self.weights, self.chance.random() * self.total)]

    def some(self, count: int) -> list[str]:
        """Several words, the common ones often."""
        return self.chance.choices(self.words, cum_weights=self.weights, k=count)

    def title(self) -> str:
        """Two to five telling words and a rare one."""
        telling = [self.words[22 + self.chance.randrange(600)] for _ in range(self.chance.randint(2, 5))]
        telling.insert(self.chance.randrange(len(telling) + 1), self.words[self.chance.randrange(600, WORDS)])
        return " ".join(telling).capitalize()

    def sentences(self, words: Sequence[str]) -> str:
        """The words as sentences of about twelve."""
        return ". ".join(" ".join(words[at : at + 12]).capitalize() for at in range(0, len(words), 12)) + "."
