"""What of a page people read or hear, and what of it stands outside the marks that a pseudo-locale sets."""

import re
from html.parser import HTMLParser

OPEN, CLOSE = "⟦", "⟧"
MARK = re.compile(f"([{OPEN}{CLOSE}])")
READ_ALOUD = {"alt", "aria-label", "aria-description", "title", "placeholder", "data-label", "data-said", "data-moved"}
NOT_READ = {"script", "style", "svg", "code", "pre", "kbd", "textarea"}
VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr", "col", "area", "base", "embed", "track"}
BLOCK = {"address", "caption", "dd", "div", "dt", "fieldset", "figure", "form", "h1", "h2", "h3", "h4", "label"}
BLOCK |= {"legend", "li", "main", "nav", "option", "p", "section", "td", "th", "title", "button", "summary", "ul", "ol"}


def unmarked(text: str, depth: int = 0) -> tuple[str, int]:
    """The characters of a text outside all marks, and how many marks are still open at its end."""
    outside = []
    for part in MARK.split(text):
        if part == OPEN:
            depth += 1
            outside.append(" ")
        elif part == CLOSE:
            depth = max(0, depth - 1)
        elif not depth:
            outside.append(part)
    return "".join(outside), depth


class Unmarked(HTMLParser):
    """Collects the words of a page that no mark surrounds; a document's own text is left to its author."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.depth = 0
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        skipped = bool(self.open and self.open[-1][1])
        if not skipped:
            for name in READ_ALOUD & given.keys():
                self._look(unmarked(given[name])[0])
            if tag == "input" and given.get("type") in {"submit", "button"}:
                self._look(unmarked(given.get("value", ""))[0])
        if tag not in VOID:
            written = {"prose", "code"} & set(given.get("class", "").split())
            self.open.append((tag, skipped or tag in NOT_READ or bool(written)))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            closed, _skipped = self.open.pop()
            if closed in BLOCK:
                self.depth = 0
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        outside, self.depth = unmarked(data, self.depth)
        if not (self.open and self.open[-1][1]):
            self._look(outside)

    def _look(self, text: str) -> None:
        text = " ".join(text.split())
        if re.search(r"[^\W\d_]{2,}", text):
            self.found.append(text)


def words_without_marks(page: str) -> list[str]:
    """Every piece of a page that would stay English for somebody who reads another language."""
    reader = Unmarked()
    reader.feed(page)
    return reader.found
