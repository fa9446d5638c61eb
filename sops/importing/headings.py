"""A procedure's own headings begin below its title."""

from __future__ import annotations

from core.safe.html_reading import text_of
from core.safe.html_tokens import HEADINGS, Token


def below_the_title(tokens: list[Token], *, drop_first: bool, title: str = "") -> tuple[list[Token], str]:
    """Take a first-level heading that opens the text out as its title, and move the others below level one.

    With `drop_first` any such heading is the title; else only one with the same words as `title`.
    """
    dropped = ""
    place = next((place for place, token in enumerate(tokens) if token.opens and token.tag == "h1"), None)
    if place is not None and not text_of("".join(map(str, tokens[:place]))):
        end = place + 1
        while end < len(tokens) and not (tokens[end].closing and tokens[end].tag == "h1"):
            end += 1
        words = " ".join(text_of("".join(map(str, tokens[place:end]))).split())
        if words and (drop_first or words.casefold() == " ".join(title.split()).casefold()):
            dropped = words
            pictures = [token for token in tokens[place:end] if token.tag == "img"]
            tokens = tokens[:place] + pictures + tokens[end + 1 :]
    if any(token.tag == "h1" for token in tokens):
        for token in tokens:
            if token.tag in HEADINGS:
                token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return tokens, dropped
