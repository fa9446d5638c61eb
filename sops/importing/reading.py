"""Reading one source into what the portal stores. Knows no database: it runs in processes of its own."""

from __future__ import annotations

import gc
import json
import logging
import os
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import PurePosixPath
from urllib.parse import quote

from core.safe.filetype import HEAD_BYTES, WrongType, identify, picture_extension
from core.safe.html import ContentTooLarge, ensure_step_keys, refuse_too_long, text_of
from core.safe.line import one_line
from core.safe.words import Said, gettext_noop
from core.search_words import plain
from documents.kinds import Prepared
from sops.importing.facts import Facts
from sops.importing.html_page import is_html, read_html
from sops.importing.imported import CannotImport, Imported
from sops.importing.jsonlines import Row
from sops.importing.markdown import read_markdown
from sops.importing.sources import MAX_FILE, WORD, Neighbours, Source
from sops.importing.word import read_word
from sops.kinds import PROCEDURE

log = logging.getLogger(__name__)

CHUNK, AHEAD, LOOKED_UP = 10, 20, 100
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PICTURE_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that will be kept with the document under an address known beforehand."""

    id: uuid.UUID
    name: str
    data: bytes
    purpose: str
    media_type: str

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Read:
    """One source as read: ready to be stored, or the reason why not."""

    place: str
    key: str
    sha256: str = ""
    is_row: bool = False
    title: str = ""
    text: Prepared = Prepared(b"", "", [])
    files: list[KeptFile] = field(default_factory=list)
    facts: Facts = Facts()
    warnings: list[Said] = field(default_factory=list)
    error: Said | None = None
    is_known: bool = False  # the very same as was imported before: nothing of it was read


def read_source(source: Source) -> Read:
    """Read one source; whatever it holds, the answer is a ``Read``."""
    if source.error:
        return Read(source.place, source.key, error=source.error)
    if source.known:
        return Read(source.place, source.key, source.known, is_row=True, title=source.row.title, is_known=True)
    try:
        return _row(source, source.row) if source.row else _file(source)
    except (CannotImport, ContentTooLarge) as error:
        return Read(source.place, source.key, error=error.args[0])
    except OSError:
        return Read(source.place, source.key, error=gettext_noop("The file could not be opened."))
    except Exception:  # one file nobody foresaw must not end the import of a thousand others
        log.exception("Reading %s failed", source.place)
        return Read(source.place, source.key, error=gettext_noop("The file could not be read."))


def _row(source: Source, row: Row) -> Read:
    imported = (read_html if is_html(row.body) else read_markdown)(row.body, row.path or row.id, title=row.title)
    name = (PurePosixPath(row.path or row.id).stem or f"line-{row.line}")[:100] + ".md"
    digest = _digest(row)
    facts = row.facts.filled_from(imported.facts)
    return _ready(source, imported, digest, name, row.body.encode(), facts, list(row.warnings))


def _digest(row: Row) -> str:
    """What tells a row from what it was before."""
    told = {"title": row.title, "body": row.body, "facts": asdict(row.facts)}
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def marked(sources: Iterable[Source], newest_of: Callable[[list[str]], dict[str, str]]) -> Iterator[Source]:
    """The same sources; rows that stand in the portal as they are need not be read. ``newest_of`` tells the hash of
    what each key became last."""
    waiting = iter(sources)
    while some := list(islice(waiting, LOOKED_UP)):
        known = newest_of([source.key for source in some if source.row and not source.error])
        for source in some:
            hashed = source.row and known.get(source.key) and _digest(source.row)
            yield replace(source, known=hashed) if hashed and hashed == known[source.key] else source


def _file(source: Source) -> Read:
    path = source.path
    if path.stat().st_size > MAX_FILE:
        raise CannotImport(gettext_noop("The file is larger than %(limit)d MB.", limit=MAX_FILE // 1024**2))
    data = path.read_bytes()
    try:
        identify(path.name, data[:HEAD_BYTES], BytesIO(data))
    except WrongType as error:
        raise CannotImport(error.args[0]) from error
    if path.name.lower().endswith(WORD):
        imported = read_word(data, path.name)
        digest = sha256(data).hexdigest()
    else:
        beside = Neighbours(source.folder, source.place)
        imported = read_markdown(data, path.name, find_picture=beside.picture, find_link=beside.link)
        # Its pictures are files of their own: another picture is another document.
        digest = sha256(data + b"".join(sha256(image.bytes).digest() for image in imported.images)).hexdigest()
    return _ready(source, imported, digest, path.name, data, imported.facts, [])


def _ready(
    source: Source, imported: Imported, digest: str, name: str, data: bytes, facts: Facts, warnings: list[Said]
) -> Read:
    if not imported.images and not text_of(imported.body_html).strip():
        raise CannotImport(gettext_noop("There is no text in it."))
    is_word = name.lower().endswith(WORD)
    files = [KeptFile(uuid.uuid4(), safe_name(name), data, "original", _WORD_TYPE if is_word else "text/markdown")]
    addresses = {}
    for number, image in enumerate(imported.images):
        media_type = _PICTURE_TYPES[picture_extension(image.bytes) or "png"]
        kept = KeptFile(uuid.uuid4(), safe_name(image.name), image.bytes, "image", media_type)
        files.append(kept)
        addresses[number] = f"/attachments/{kept.id}/{quote(kept.name)}"
    return Read(
        place=source.place,
        key=source.key,
        sha256=digest,
        is_row=source.row is not None,
        title=one_line(imported.title) or PurePosixPath(name).stem,
        text=_prepared(imported, addresses),
        files=files,
        facts=facts,
        warnings=[*warnings, *imported.warnings],
    )


def _prepared(imported: Imported, addresses: dict[int, str]) -> Prepared:
    """As ``Prepared.by``; what the reader has cleaned and nobody has touched since is not cleaned twice."""
    if addresses:
        prepared = Prepared.by(PROCEDURE, imported.body_with(addresses).encode())
        return replace(prepared, indexed=plain(prepared.words))
    keyed = ensure_step_keys(imported.body_with({}))
    refuse_too_long(keyed)
    content = keyed.encode()
    words = PROCEDURE.text(content)
    return Prepared(content, words, PROCEDURE.parts(content), plain(words))


def read_in_order(sources: Iterable[Source], processes: int = 0) -> Iterator[Read]:
    """Read sources one after the other; with ``processes``, ahead of the caller in that many processes."""
    waiting = iter(sources)
    first = list(islice(waiting, CHUNK * 2))
    if not processes or len(first) < CHUNK * 2:  # starting processes takes longer than reading a few
        yield from map(read_source, chain(first, waiting))
        return
    everything = chain(first, waiting)
    # Started afresh and not forked: a fork would share the caller's database connection.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin_reading) as pool:
        ahead: deque[Future[list[Read]]] = deque()
        while chunk := list(islice(everything, CHUNK)):
            ahead.append(pool.submit(_read_all, chunk))
            if len(ahead) >= AHEAD:
                yield from ahead.popleft().result()
        while ahead:
            yield from ahead.popleft().result()


def _begin_reading() -> None:
    """A text that is read is many small objects that go by themselves; looking for rings among them takes a tenth.
    And who writes what was read goes first: there is one writer, and at the end the readers have nothing more to do."""
    gc.set_threshold(100_000, 20, 20)
    os.nice(5)


def _read_all(sources: list[Source]) -> list[Read]:
    return [read_source(source) for source in sources]


def safe_name(name: str) -> str:
    """A file name that may stand in an address and on every disk."""
    kept = "".join(sign if sign.isalnum() and sign.isascii() or sign in "._- " else "_" for sign in name).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    return f"{stem[:120] or 'file'}{dot}{extension[:10]}" if dot else kept[:120] or "file"
