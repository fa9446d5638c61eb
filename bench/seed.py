"""100,000 documents with their versions, texts and entries, 5,000 people, 50 departments: by COPY, in a few minutes.

The rows are those that the portal itself would have written: ``core.catalog_check`` finds no difference. Every person
has tasks, notices and favourites, so that no page is measured empty; every document has its lines in the ledger.
"""

import csv
import hashlib
import io
import json
import os
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import repeat
from multiprocessing import get_context
from typing import Any

import django
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction

from actions.models import Task
from bench import database
from bench.language import Language
from bench.report import Figure
from core.models import CatalogEntry, CatalogText, LedgerLine, Notice, Watch
from core.numbering import code_key
from core.search_text import remember_words
from core.search_words import plain
from documents.models import Content, Document, Version
from people.models import Department, Person

DOCUMENTS, PEOPLE, DEPARTMENTS = 100_000, 5_000, 50
TEXT_WORDS = (60, 260)
CHUNK = 5_000
EDITION = "7"  # of this module's rows; another one is seeded anew
KINDS = (("sop", "SOP"), ("instruction", "WI"), ("policy", "POL"), ("form", "FRM"))
SEED = 20261122
START = datetime(2016, 1, 4, 8, tzinfo=UTC)
NULL = "\\N"  # so that an empty field is an empty text
FILLED = (Document, Content, Version, CatalogEntry, CatalogText, Task, Notice, Watch, LedgerLine)
CORES = os.cpu_count() or 1

# Searchable texts and their vectors, cut as ``search_text.store_words`` does.
VECTORS = """
    INSERT INTO core_catalogtext (entry_id, body, attachments, vector)
    SELECT id, body, '', setweight(to_tsvector('portal', text_of.title), 'A')
        || setweight(to_tsvector('portal', words), 'C') || array_to_tsvector(ARRAY[' ' || kind])
    FROM text_of JOIN core_catalogentry entry USING (id)"""
# What stands around documents in a portal that is used: reviews that wait, notices, favourites, the ledger.
AROUND = (
    """INSERT INTO actions_task (key, kind, title, said, url, entry_id, person_id, created_at, due_at, remind_at)
       SELECT 'review:' || id, 'review', 'Review ' || code || ': ' || left(title, 200), '{}', url, id, owner_id,
              now() - interval '20 days', now() + (id % 60 - 9) * interval '1 day', now() + interval '9 years'
       FROM core_catalogentry WHERE state = 'effective' AND id % 3 = 0""",
    """INSERT INTO core_notice (key, topic, person_id, entry_id, text, url, created_at, read_at, mailed_at, rhythm)
       SELECT 'watched:' || p.id || ':' || e.id, 'watched', p.id, e.id, e.code || ' is in force', e.url,
              now() - n * interval '1 day', CASE WHEN n > 3 THEN now() END, now(), 'weekly'
       FROM people_person p CROSS JOIN generate_series(1, 10) n
       JOIN core_catalogentry e ON e.id = 1 + (p.id * 13 + n * 7) % {documents}""",
    """INSERT INTO core_watch (person_id, entry_id, is_favourite, is_watching, created_at)
       SELECT p.id, 1 + (p.id * 13 + n * 7) % {documents}, n < 4, true, now()
       FROM people_person p CROSS JOIN generate_series(1, 10) n""",
    """INSERT INTO core_ledgerline (at, actor_id, actor_name, event, record_kind, record_id, record_code, family_kind,
                                    family_id, from_state, to_state, reason, content_hash, request_id, data)
       SELECT e.changed_at, e.owner_id, 'Owner', event, 'documents.document', e.object_id, e.code,
              'documents.document', e.object_id, '', '', '', '', '', '{}'
       FROM core_catalogentry e CROSS JOIN unnest(ARRAY['started', 'draft_opened', 'approve']) event""",
)


def ensure(documents: int = DOCUMENTS) -> Iterator[Figure]:
    """Seed unless this edition's rows are all there; tells how long it took, now or then. Afterwards this process
    works as the application."""
    taken = _seeded_in()
    if taken is None:
        database.begin_again()
        taken = seed(documents)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_edition (edition text PRIMARY KEY, seconds float NOT NULL)")
            cursor.execute("INSERT INTO bench_edition VALUES (%s, %s)", [EDITION, taken])
    database.work_as_the_application()
    if documents == DOCUMENTS:
        yield Figure("seeding 100,000 documents, 5,000 people, 50 departments", taken, 180, "s")


def _seeded_in() -> float | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_edition')")
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute("SELECT to_jsonb(e) FROM bench_edition e")
        found = [json.loads(row[0]) for row in cursor.fetchall()]
    return next((row["seconds"] for row in found if row["edition"] == EDITION), None)


def seed(documents: int = DOCUMENTS) -> float:
    """Fill the database; returns how many seconds it took."""
    began = time.perf_counter()
    language = Language(SEED)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index cannot be built over checks that still wait
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        definitions = _drop_constraints_and_indexes(cursor)
        people = _people(cursor, language)
        _fill(cursor, documents, people)
        for statement in AROUND:
            cursor.execute(statement.replace("{documents}", str(documents)))
        for definition in definitions:
            cursor.execute(definition)
        _mend_sequences(cursor)
    remember_words(language.words)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - began


def _fill(cursor: Any, documents: int, people: list[tuple[int, int]]) -> None:
    """Documents chunk by chunk; what other processes made up is copied here meanwhile."""
    content_type = ContentType.objects.get_for_model(Document).pk
    numbers = [range(first + 1, min(first + CHUNK, documents) + 1) for first in range(0, documents, CHUNK)]
    cursor.execute("CREATE TEMP TABLE text_of (id bigint, body text, title text, words text)")
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for tables in pool.map(made_up, numbers, repeat(people), repeat(content_type)):
            for command, rows in tables:
                cursor.cursor.copy_expert(command, io.StringIO(rows))
            cursor.execute(VECTORS)
            cursor.execute("TRUNCATE text_of")
    cursor.execute("DROP TABLE text_of")


def _drop_constraints_and_indexes(cursor: Any) -> list[str]:
    """All that is quicker to check and build at once than row by row; returns how to make it again."""
    tables = [model._meta.db_table for model in FILLED]
    cursor.execute(
        """SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u', 'x') ORDER BY contype = 'f'""",
        [tables],
    )
    constraints = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        """SELECT i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i
           WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary""",
        [tables],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    again = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for table, name, definition in constraints]
    return [definition for _name, definition in indexes] + again


def as_copied(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> tuple[str, str]:
    """The COPY command and the lines for rows given by field; what is not given takes the model's default."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    defaults = {field.attname: _default(field) for field in fields}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        whole = {**defaults, **row}
        writer.writerow([_cell(whole[field.attname]) for field in fields])
    columns = ", ".join(f'"{field.column}"' for field in fields)
    command = f"COPY {model._meta.db_table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL E'\\\\N')"
    return command, buffer.getvalue()


def copy(cursor: Any, model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """COPY rows given by field."""
    command, lines = as_copied(model, rows)
    cursor.cursor.copy_expert(command, io.StringIO(lines))


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


def made_up(numbers: range, people: list[tuple[int, int]], content_type: int) -> list[tuple[str, str]]:
    """Documents with one version each, its bytes, its entry and its text, ready to be copied."""
    language = Language(SEED)
    language.chance = random.Random(numbers[0])  # noqa: S311 - the same documents each time
    documents, versions, contents, entries, texts = [], [], {}, [], io.StringIO()
    write_text = csv.writer(texts).writerow
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
        title, code, text = made["title"], made["entry"]["code"], made["text"]
        named = plain(f"{title} {code} {code_key(code)}")
        write_text([pk, f"Purpose\n{text}", named, plain(f"purpose {text}")])
    return [
        as_copied(Document, documents),
        as_copied(Content, contents.values()),
        as_copied(Version, versions),
        as_copied(CatalogEntry, entries),
        ("COPY text_of FROM STDIN WITH (FORMAT csv)", texts.getvalue()),
    ]


def _one(language: Language, pk: int, people: list[tuple[int, int]]) -> dict[str, Any]:
    """One document as rows of its tables, with its text."""
    chance = language.chance
    owner, department = people[chance.randrange(len(people))]
    kind, prefix = KINDS[chance.choices(range(4), (60, 25, 8, 7))[0]]
    code, title = f"{prefix}-D{department:02d}-{pk:06d}", language.title()
    text = language.sentences(language.some(chance.randint(*TEXT_WORDS)))
    body = f"<h2>Purpose</h2><p>{text}</p>".encode()
    state, began, ended = _life(chance)
    audience, working, keys = _keys(chance, state, owner, department)
    shared = {"kind": kind, "code": code, "title": title, "owner_id": owner, "department_id": department}
    return {
        "title": title,
        "text": text,
        "bytes": body,
        "sha": hashlib.sha256(b"text/html\0" + body).hexdigest(),
        "document": {
            **shared,
            "id": pk,
            "created_by_id": owner,
            "audience": audience,
            "audience_keys": keys,
            "working_keys": working,
            "retired_at": ended,
            "review_due_on": (began + timedelta(days=4_000)).date() if state == "effective" else None,
            "created_at": began,
            "changed_at": began,
        },
        "version": _version(state, title, owner, began, ended),
        "entry": {
            **shared,
            "code_key": code_key(code),
            "title_key": plain(title),
            "url": f"/documents/{code}/",
            "state": state,
            "current_from": began if state != "draft" else None,
            "current_until": ended,
            "audience_keys": keys,
            "changed_at": began,
        },
    }


def _life(chance: random.Random) -> tuple[str, datetime, datetime | None]:
    """State, beginning and end."""
    fate = chance.random()
    state = "effective" if fate < 0.82 else "draft" if fate < 0.94 else "retired"
    began = START + timedelta(hours=chance.randrange(90_000))
    return state, began, began + timedelta(days=200) if state == "retired" else None


def _keys(chance: random.Random, state: str, owner: int, department: int) -> tuple[str, list[str], list[str]]:
    """Audience, the keys of who works on it, and the keys of who reads it."""
    working = sorted({"group:auditor", "group:officer", f"person:{owner}"})
    who = chance.random()
    audience, reader = ("everyone", "everyone") if who < 0.85 else ("department", f"department:{department}")
    return audience, working, working if state == "draft" else sorted({*working, reader})


def _version(state: str, title: str, owner: int, began: datetime, ended: datetime | None) -> dict[str, Any]:
    released = state != "draft"
    return {
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
    }


def _mend_sequences(cursor: Any) -> None:
    """The next row made by the portal itself gets a number of its own."""
    for model in (Department, Person, Person.groups.through, Document, Version, CatalogEntry):
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))"  # noqa: S608
        )
