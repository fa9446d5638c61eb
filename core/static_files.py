"""How static files are served: one style sheet joined from many, and names that change with the content."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED = "css/all.css"
IMPORT = re.compile(r'@import url\("(?P<file>[\w.-]+)"\)(?: layer\((?P<layer>\w+)\))?(?: (?P<media>\w+))?;\n?')
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def joined_css(folder: Path) -> str:
    """The text of portal.css with every imported sheet written in its place."""

    def inline(found: re.Match[str]) -> str:
        text = COMMENT.sub("", (folder / found["file"]).read_text(encoding="utf-8")).strip()
        if found["layer"]:
            text = f"@layer {found['layer']} {{\n{text}\n}}"
        if found["media"]:
            text = f"@media {found['media']} {{\n{text}\n}}"
        return f"{text}\n"

    return IMPORT.sub(inline, COMMENT.sub("", (folder / "portal.css").read_text(encoding="utf-8")))


class JoinedCssFinder(BaseFinder):
    """Offers css/all.css to collectstatic and to the development server as if it lay among the static files."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.source = Path(settings.BASE_DIR) / "static" / "css"
        self.storage = FileSystemStorage(location=Path(settings.PORTAL_DATA) / "styles")

    def check(self, **kwargs: object) -> list[CheckMessage]:
        """Nothing to configure, so nothing to complain about."""
        return []

    def find(self, path: str, find_all: bool = False) -> str | list[str]:
        """The joined sheet, rewritten when one of its parts is newer."""
        if path != JOINED:
            return []
        found = str(self._write())
        return [found] if find_all else found

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, FileSystemStorage]]:
        """The one file collectstatic should copy from here."""
        self._write()
        yield JOINED, self.storage

    def _write(self) -> Path:
        target = Path(self.storage.path(JOINED))
        newest = max(part.stat().st_mtime for part in self.source.glob("*.css"))
        if not target.exists() or target.stat().st_mtime < newest:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Several web processes may start at once: none may serve a half-written sheet.
            part = target.with_name(f"all.{os.getpid()}.part")
            part.write_text(joined_css(self.source), encoding="utf-8")
            part.replace(target)
        return target


class PortalStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names inside our ES modules as well, so that a browser may keep every file for good."""

    support_js_module_import_aggregation = True

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Squeeze what everybody loads; the admin's large scripts would double the time of the first start."""
        return super().compress_files([path for path in paths if not path.startswith("admin/")])
