"""Words are cut the same way whatever signs a text is made of."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search_words import words_of

ODD = "aZß09_ \t\n'’ʼ.-–—/·…ÄéøłœⅣ²½ﬁ日語кй١\u0301\u00ad\u200b\x1c"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SOP-014: Größe – CI/CD…", ["sop", "14", "grosse", "ci", "cd"]),
        ("Don't use the firm’s key_card 'now'", ["dont", "use", "the", "firms", "key", "card", "now"]),
        ("Кофе—чай, 007 and 0", ["кофе", "чаи", "7", "and", "0"]),
        ("", []),
    ],
)
def test_words_are_lower_case_without_accents_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@settings(max_examples=500, deadline=None)
@given(st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=30))
def test_every_word_is_letters_and_digits_alone_and_stays_as_it_is(text: str) -> None:
    words = words_of(text)
    assert [word for word in words if not re.fullmatch(r"[^\W_]+", word)] == []
    assert words_of(text + " ж") == [*words, "ж"], "beside a letter beyond ASCII the other way is taken"
    assert not any(unicodedata.combining(sign) for word in words for sign in word)
