"""100,000 documents with their versions, texts and entries, 5,000 people, 50 departments: by COPY, in a few minutes.

The rows are those that the portal itself would have written: ``core.catalog_check`` finds no difference.
"""

import csv
import hashlib
import io
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction

from bench.language import Language
from core.models import CatalogEntry
from core.numbering import code_key
from core.search_text import remember_words
from core.search_words import plain
from documents.models import Content, Document, Version
from people.models import Department, Person

DOCUMENTS, PEOPLE, DEPARTMENTS = 100_000, 5_000, 50
TEXT_WORDS = (60, 260)
CHUNK = 5_000
EDITION = "4"  # of this module's rows; another one is seeded anew
KINDS = (("sop", "SOP"), ("instruction", "WI"), ("policy", "POL"), ("form", "FRM"))
START = datetime(2016, 1, 4, 8, tzinfo=UTC)
NULL = "\\N"  # so that an empty field is an empty text
INDEXES = ("catalog_vector", "catalog_title_words", "catalog_audience", "document_audience")


def is_seeded() -> bool:
    """Whether this edition's rows are all there."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_edition (edition text PRIMARY KEY)")
        cursor.execute("SELECT edition FROM bench_edition")
        return (EDITION,) in cursor.fetchall()


def seed(documents: int = DOCUMENTS) -> float:
    """Fill the database; returns how many seconds it took."""
    began = time.perf_counter()
    language = Language(seed=20261122)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index cannot be built over checks that still wait
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        definitions = _drop_indexes(cursor)
        people = _people(cursor, language)
        for first in range(0, documents, CHUNK):
            _documents(cursor, language, range(first + 1, min(first + CHUNK, documents) + 1), people)
        cursor.execute("DROP TABLE text_of")
        for definition in definitions:
            cursor.execute(definition)
        _mend_sequences(cursor)
        cursor.execute("INSERT INTO bench_edition VALUES (%s)", [EDITION])
    remember_words(language.words)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - began


def _drop_indexes(cursor: Any) -> list[str]:
    """Indexes that are quicker to build at once than row by row."""
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(INDEXES)])
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def copy(cursor: Any, model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """COPY rows given by field; what is not given takes the model's default."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    defaults = {field.attname: _default(field) for field in fields}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        whole = {**defaults, **row}
        writer.writerow([_cell(whole[field.attname]) for field in fields])
    buffer.seek(0)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    cursor.cursor.copy_expert(
        f"COPY {model._meta.db_table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL E'\\\\N')", buffer
    )


def _default(field: models.Field) -> Any:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return datetime.now(UTC)
    value = field.get_default()
    return "{}" if value == {} else value


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, list):
        return "{" + ",".join(f'"{item}"' if isinstance(item, str) else str(item) for item in value) + "}"
    return NULL if value is None else value


def _people(cursor: Any, language: Language) -> list[tuple[int, int]]:
    """Departments in three levels, people in them, all of them staff; returns (person, department)."""
    departments = []
    for pk in range(1, DEPARTMENTS + 1):
        parent = pk // 5 if pk >= 5 else None
        lineage = [pk, *(departments[parent - 1]["lineage"] if parent else [])]
        name = f"{language.words[100 + pk].capitalize()} {language.words[300 + pk]}"
        departments.append(
            {"id": pk, "name": name, "code": f"D{pk:02d}", "parent_id": parent, "lineage": lineage, "is_active": True}
        )
    copy(cursor, Department, departments)
    pairs = [(pk, 1 + pk % DEPARTMENTS) for pk in range(1, PEOPLE + 1)]
    copy(
        cursor,
        Person,
        (
            {
                "id": pk,
                "email": f"person{pk}@bench.example",
                "name": f"{language.words[400 + pk % 997]} {language.words[1500 + pk % 4999]}".title(),
                "department_id": department,
                "password": "!",
            }
            for pk, department in pairs
        ),
    )
    staff = Group.objects.get(name="staff").pk
    copy(cursor, Person.groups.through, ({"id": pk, "person_id": pk, "group_id": staff} for pk, _d in pairs))
    return pairs


def _documents(cursor: Any, language: Language, numbers: range, people: list[tuple[int, int]]) -> None:
    """Documents with one version each, its bytes, its entry and its text."""
    content_type = ContentType.objects.get_for_model(Document).pk
    documents, versions, contents, entries, texts = [], [], {}, [], []
    for pk in numbers:
        made = _one(language, pk, people)
        contents[made["sha"]] = {
            "sha256": made["sha"],
            "media_type": "text/html",
            "encoding": "utf-8",
            "bytes": made["bytes"],
        }
        documents.append(made["document"])
        versions.append({**made["version"], "id": pk, "document_id": pk, "content_id": made["sha"]})
        entries.append({**made["entry"], "id": pk, "content_type_id": content_type, "object_id": pk})
        texts.append((pk, made["title"], made["entry"]["code"], made["text"]))
    copy(cursor, Document, documents)
    copy(cursor, Content, contents.values())
    copy(cursor, Version, versions)
    copy(cursor, CatalogEntry, entries)
    _texts(cursor, texts)


def _one(language: Language, pk: int, people: list[tuple[int, int]]) -> dict[str, Any]:
    chance = language.chance
    owner, department = people[chance.randrange(len(people))]
    kind, prefix = KINDS[chance.choices(range(4), (60, 25, 8, 7))[0]]
    code, title = f"{prefix}-D{department:02d}-{pk:06d}", language.title()
    text = language.sentences(language.some(chance.randint(*TEXT_WORDS)))
    body = f"<h2>Purpose</h2><p>{text}</p>".encode()
    fate = chance.random()
    state = "effective" if fate < 0.82 else "draft" if fate < 0.94 else "retired"
    began = START + timedelta(hours=chance.randrange(90_000))
    ended = began + timedelta(days=200) if state == "retired" else None
    working = sorted({"group:auditor", "group:officer", f"person:{owner}"})
    who = chance.random()
    audience, reader = ("everyone", "everyone") if who < 0.85 else ("department", f"department:{department}")
    keys = working if state == "draft" else sorted({*working, reader})
    released = state != "draft"
    return {
        "title": title,
        "text": text,
        "bytes": body,
        "sha": hashlib.sha256(b"text/html\0" + body).hexdigest(),
        "document": {
            "id": pk,
            "kind": kind,
            "code": code,
            "title": title,
            "owner_id": owner,
            "created_by_id": owner,
            "department_id": department,
            "audience": audience,
            "audience_keys": keys,
            "working_keys": working,
            "retired_at": ended,
            "review_due_on": (began + timedelta(days=4_000)).date() if state == "effective" else None,
            "created_at": began,
            "changed_at": began,
        },
        "version": {
            "sequence": 1,
            "state": {"effective": "approved", "draft": "draft", "retired": "retired"}[state],
            "title": title,
            "author_id": owner,
            "major": 1 if released else None,
            "minor": 0 if released else None,
            "manifest_hash": "0" * 64 if released else "",
            "approved_at": began if released else None,
            "effective_from": began if released else None,
            "effective_until": ended,
            "announced_at": began if released else None,
            "changed_at": began,
        },
        "entry": {
            "kind": kind,
            "code": code,
            "code_key": code_key(code),
            "title": title,
            "title_key": plain(title),
            "url": f"/documents/{code}/",
            "state": state,
            "current_from": began if released else None,
            "current_until": ended,
            "department_id": department,
            "owner_id": owner,
            "audience_keys": keys,
            "changed_at": began,
        },
    }


def _texts(cursor: Any, texts: list[tuple[int, str, str, str]]) -> None:
    """Searchable texts and their vectors, cut as ``search_text.store_words`` does."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for pk, title, code, text in texts:
        writer.writerow([pk, f"Purpose\n{text}", plain(f"{title} {code} {code_key(code)}"), plain(f"purpose {text}")])
    buffer.seek(0)
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS text_of (id bigint, body text, title text, words text)")
    cursor.execute("TRUNCATE text_of")
    cursor.cursor.copy_expert("COPY text_of FROM STDIN WITH (FORMAT csv)", buffer)
    cursor.execute(
        """INSERT INTO core_catalogtext (entry_id, body, attachments, vector)
           SELECT id, body, '',
               setweight(to_tsvector('portal', title), 'A') || setweight(to_tsvector('portal', words), 'C')
           FROM text_of"""
    )


def _mend_sequences(cursor: Any) -> None:
    """The next row made by the portal itself gets a number of its own."""
    for model in (Department, Person, Person.groups.through, Document, Version, CatalogEntry):
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))"  # noqa: S608
        )
