"""Many BPMN files at once: each read and counted, and started as a map with its draft unless it is there already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.lifecycle import Refused
from core.safe.words import gettext_noop
from documents.drafting import start_document
from documents.models import Version
from processes.bpmn.counting import count
from processes.bpmn.drawing import draw
from processes.bpmn.model import Model
from processes.bpmn.reading import MAX_BYTES, UnreadableMap
from processes.maps import KEY, model_of

ENDINGS = frozenset({".bpmn", ".bpmn2", ".xml"})
MAX_WARNINGS = 20
TOO_LARGE = gettext_noop("The map is larger than %(limit)d MB.", limit=MAX_BYTES // 1024**2)


@dataclass
class FileResult:
    """What became of one file. ``file`` is its path below the folder; ``code`` the map that was started or found."""

    file: str
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    error: str = ""
    line: int | None = None
    code: str = ""
    was_there: bool = False

    def as_data(self) -> dict[str, Any]:
        """As the command prints it."""
        if self.error:
            return {"file": self.file, "error": self.error, "line": self.line}
        data: dict[str, Any] = {"file": self.file, **self.counts, "warnings": self.warnings}
        return data | ({"code": self.code, "was_there": self.was_there} if self.code else {})


def files_below(path: Path) -> list[Path]:
    """BPMN files below a folder in the order of their paths, or the one file. Links out of the folder are left out."""
    if path.is_file():
        return [path]
    root = path.resolve()
    found = [one for one in path.rglob("*") if one.suffix.lower() in ENDINGS and one.is_file()]
    return sorted(one for one in found if one.resolve().is_relative_to(root))


def import_files(path: Path, *, by: Any | None) -> Iterator[FileResult]:
    """Read every file; with ``by`` each becomes a map of that person. A file that was imported before is found."""
    base = path if path.is_dir() else path.parent
    for file in files_below(path):
        result, data, model = _read(file, file.relative_to(base).as_posix())
        if model is not None and by is not None:
            _start(result, data, model, by)
        yield result


def import_uploads(uploads: Iterable[Any], *, by: Any, is_preview: bool) -> Iterator[FileResult]:
    """The same for files that a browser sent."""
    for upload in uploads:
        result = FileResult(str(upload.name or ""))
        if upload.size > MAX_BYTES:
            result.error = TOO_LARGE
        else:
            data = upload.read()
            model = _judge(result, data)
            if model is not None and not is_preview:
                _start(result, data, model, by)
        yield result


def _read(file: Path, name: str) -> tuple[FileResult, bytes, Model | None]:
    result = FileResult(name)
    try:
        if file.stat().st_size > MAX_BYTES:
            result.error = TOO_LARGE
            return result, b"", None
        data = file.read_bytes()
    except OSError as problem:
        result.error = gettext_noop("The file cannot be read: %(reason)s.", reason=problem.strerror or "")
        return result, b"", None
    return result, data, _judge(result, data)


def _judge(result: FileResult, data: bytes) -> Model | None:
    """The model of a file, with its counts and warnings in the result; None where it is refused."""
    try:
        model = model_of(data)
    except UnreadableMap as problem:
        result.error, result.line = problem.said, problem.line
        return None
    result.counts = count(model).as_dict()
    drawings = [draw(model, view) for view in model.views]
    warnings = [*model.issues, *(issue for drawing in drawings for issue in drawing.issues)]
    missing = result.counts["shapes"] + result.counts["edges"] - sum(one.shapes + one.edges for one in drawings)
    if missing:
        warnings.append(gettext_noop("%(count)d shapes or flows of the drawing are not drawn.", count=missing))
    result.warnings = warnings[:MAX_WARNINGS]
    return model


def _start(result: FileResult, data: bytes, model: Model, by: Any) -> None:
    digest = hashlib.sha256(data).hexdigest()
    known = Version.objects.visible_to(by).filter(document__kind=KEY, data__source_sha256=digest)
    there = known.select_related("document").first()
    if there is not None:
        result.code, result.was_there = there.document.code, True
        return
    title = model.name or next((pool.name for pool in model.pools.values() if pool.name), "") or Path(result.file).stem
    facts = {"source_sha256": digest, "source_file": result.file}
    try:
        version = start_document(kind=KEY, by=by, title=title[:300], body=data, data=facts)
    except Refused as refusal:
        result.error = str(refusal.message)
        return
    result.code = version.document.code


@dataclass
class Totals:
    """The last line: sums over all files."""

    files: int = 0
    readable: int = 0
    refused: int = 0
    started: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, result: FileResult) -> None:
        self.files += 1
        self.refused += bool(result.error)
        self.readable += not result.error
        self.started += bool(result.code and not result.was_there)
        for name, number in result.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def as_data(self) -> dict[str, Any]:
        numbers = {"files": self.files, "readable": self.readable, "refused": self.refused, "started": self.started}
        return {"totals": numbers | self.counts}
