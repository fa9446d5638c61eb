"""What the content security policy and the reader of the code rely on, checked in every template and script."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

from portal.icons import icon_names

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
PYTHON = sorted(path for app in ("core", "portal", "documents", "sops") for path in (ROOT / app).rglob("*.py"))
# Mail is read without our style sheets and knows no content security policy; nor does paper.
PAGES = [path for path in TEMPLATES if not {"mail", "email", "paper"} & set(path.parts)]


def test_every_template_can_be_read() -> None:
    assert TEMPLATES
    assert PAGES
    for path in TEMPLATES:
        found = get_template(str(path.relative_to(ROOT / "templates")))
        assert found.origin.name == str(path)


def test_no_template_holds_inline_style_or_script() -> None:
    for path in PAGES:
        text = path.read_text()
        assert not re.search(r"""\sstyle\s*=\s*["']""", text), path
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), path
        assert "javascript:" not in text, path
        assert "<style" not in text, path
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in tag or 'type="application/json"' in tag, f"{path}: {tag}"


def test_no_script_writes_inline_style() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        text = path.read_text()
        assert 'setAttribute("style"' not in text, path
        assert not re.search(r"style=", text), path


def test_every_icon_used_is_in_the_sprite() -> None:
    used = set()
    for path in TEMPLATES:
        text = path.read_text()
        used |= set(re.findall(r"{%\s*icon\s+\"([a-z-]+)\"", text))
        used |= set(re.findall(r"icon(?:_name)?=\"([a-z-]+)\"", text))
    for path in PYTHON:
        used |= set(re.findall(r"NavEntry\([^)]*?\"[\w:-]+\",\s*\"([a-z-]+)\"", path.read_text()))
    assert used, "no icon found: the search itself is broken"
    assert used <= set(icon_names())


def test_no_colour_is_written_outside_the_tokens() -> None:
    """Paper, the QR code's white ground and what darkens a page behind a dialog are the only others."""
    allowed = {"tokens.css", "print.css", "paper.css"}
    for path in sorted((ROOT / "static" / "css").glob("*.css")):
        if path.name in allowed:
            continue
        for line in path.read_text().splitlines():
            bare = re.sub(r"light-dark\([^;]*\)|url\([^)]*\)|oklch\(from[^;]*|oklch\([^)]*/[^)]*\)", "", line)
            assert not re.search(r"(#[0-9a-f]{3,8}\b(?!-)|\boklch\()", bare) or ".qr" in line, f"{path.name}: {line}"
