"""The German catalogue holds every text of the portal, translated, and its compiled twin says the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "locale" / "de" / "LC_MESSAGES"
NO_TEXTS = [".*", "var", "node_modules", "collected", "static", "tests", "bench", "assets", "docs", "locale", "*.pyc"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+>")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(FOLDER / "django.po", wrapwidth=0)


def pairs(entry: polib.POEntry) -> list[tuple[str, str]]:
    """What is said in English and in German; the German singular may leave its number out as the English one does."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid, entry.msgstr_plural[0]), (entry.msgid_plural, entry.msgstr_plural[1])]


def test_every_text_is_translated(catalogue: polib.POFile) -> None:
    assert len(catalogue) > 1000
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def test_every_translation_keeps_the_values_and_marks_of_its_text(catalogue: polib.POFile) -> None:
    differing = [
        (english, german)
        for entry in catalogue
        for english, german in pairs(entry)
        if set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(german))
    ]
    assert differing == []


def test_a_translation_begins_and_ends_like_its_text(catalogue: polib.POFile) -> None:
    """Blanks and line ends matter where texts are joined; a full stop is not said on a label."""
    differing = [
        (english, german)
        for entry in catalogue
        for english, german in pairs(entry)
        if (english[:1].isspace(), english[-1:].isspace()) != (german[:1].isspace(), german[-1:].isspace())
        or english.endswith(".") != german.endswith(".")
    ]
    assert differing == []


def test_long_sentences_are_not_left_in_english(catalogue: polib.POFile) -> None:
    same = [entry.msgid for entry in catalogue if entry.msgid == entry.msgstr and len(entry.msgid.split()) > 2]
    assert [text for text in same if re.search(r"[A-Za-z]{3}", PLACEHOLDER.sub("", text))] == []


def test_the_compiled_catalogue_says_what_the_written_one_says(catalogue: polib.POFile) -> None:
    compiled = polib.mofile(FOLDER / "django.mo")
    said = {(entry.msgctxt, entry.msgid, entry.msgid_plural): (entry.msgstr, entry.msgstr_plural) for entry in compiled}
    written = {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): (entry.msgstr, entry.msgstr_plural) for entry in catalogue
    }
    assert said == written
    assert compiled.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed; the other tests still hold")
def test_the_catalogue_holds_every_text_of_the_sources(catalogue: polib.POFile, tmp_path: Path) -> None:
    """A fresh collection from a copy of the sources finds no text that is missing or no longer said."""
    root = Path(settings.BASE_DIR)
    copy = tmp_path / "portal"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NO_TEXTS))
    (copy / "locale" / "de" / "LC_MESSAGES").mkdir(parents=True)
    collected = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "de"],
        cwd=copy,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "processportal.settings"},  # those of the tests are not copied
        capture_output=True,
        text=True,
    )
    assert collected.returncode == 0, collected.stderr
    fresh = {
        (entry.msgctxt or "", entry.msgid)
        for entry in polib.pofile(copy / "locale" / "de" / "LC_MESSAGES" / "django.po")
    }
    known = {(entry.msgctxt or "", entry.msgid) for entry in catalogue}
    assert (sorted(fresh - known), sorted(known - fresh)) == ([], [])
