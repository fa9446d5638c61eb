"""Questions that many pages ask: written and planned once, afterwards only the values differ.

Django writes a query's SQL anew each time it is asked, and PostgreSQL plans it anew. For a record with its people that
was 4 ms and 1.3 ms of the processors; asked through here it is 0.4 ms and 0.2 ms. What follows the SQL (rows, related
records, prefetching) is Django's own.

    _BY_CODE = Question(lambda person: Document.objects.with_people().visible_to(person).filter(code=Slot("code")))
    document = _BY_CODE.first(request.user, code="SOP-014")

The function gets somebody who stands for every person: their keys and their id are places for values, so that nothing
of one person's rights stays in the SQL, and rights are those of the moment of asking. A moment may not stay in it
either: it must be a slot, and is refused if not. Which plan is best must not depend on the values: lists in an order
that a common key fills at once say ``planned_each_time=True``.

With ``DATABASE_POOLER=1`` the database keeps nothing between two transactions, and each question is sent in full.
"""

import copy
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, BooleanField, CharField, Expression, Field, Func, QuerySet, Value

KEYS = ArrayField(CharField(max_length=60))
IDS = ArrayField(BigIntegerField())


class Slot(Expression):
    """A place for a value that is given when the question is asked."""

    def __init__(self, name: str, field: Field | None = None) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list["Slot"]]:
        return "%s", [self]


class OneOf(Func):
    """Whether a column is one of the ids in a list: IN, for a list that may be a slot."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, ids: "Slot | list[int]") -> None:
        super().__init__(column, ids if isinstance(ids, Slot) else Value(ids, IDS))


class Somebody:
    """Stands for whoever will ask, while the SQL is written."""

    is_active = True
    pk = Slot("person", BigIntegerField())

    def keys(self) -> Slot:
        return Slot("keys", KEYS)


class Portal:
    """Asks on nobody's behalf: which session this is, who is signed in with it."""

    is_active = True
    pk = None

    def keys(self) -> list[str]:
        return []


THE_PORTAL = Portal()


class Statement:
    """SQL with slots among its parameters. Each connection of each process tells its database once what it will ask."""

    def __init__(self, sql: str, params: Sequence[Any], *, is_kept: bool = True) -> None:
        self.sql, self.params, self.is_kept = sql, params, is_kept
        for param in params:
            if isinstance(param, date | time | timedelta):
                raise TypeError(f"{param!r} would be asked for ever: make it a Slot")
        self.names = list(dict.fromkeys(one.name for one in params if isinstance(one, Slot)))
        # Named by what it says: the same name is never another question, whoever else uses the connection.
        said = [sql, *(one.name if isinstance(one, Slot) else repr(one) for one in params)]
        self.name = f"asked_{hashlib.sha256(repr(said).encode()).hexdigest()[:24]}"
        self.execute = f"EXECUTE {self.name}" + (f"({', '.join(['%s'] * len(self.names))})" if self.names else "")

    @classmethod
    def named(cls, sql: str) -> "Statement":
        """Of SQL that names its values: `%(person)s`."""
        slots = [Slot(name) for name in re.findall(r"%\((\w+)\)s", sql)]
        return cls(re.sub(r"%\(\w+\)s", "%s", sql), slots)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(*self.bound(connection, values))
            return cursor.fetchall()

    def bound(self, connection: Any, values: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """What is sent to ask it with these values."""
        if not self.is_kept or settings.PORTAL_POOLED_DATABASE:
            return self.sql, tuple(values[one.name] if isinstance(one, Slot) else one for one in self.params)
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        known = _known.setdefault(connection.connection, set())
        if self.name not in known:
            self._tell(connection)
            known.add(self.name)
        return self.execute, tuple(values[name] for name in self.names)

    def _tell(self, connection: Any) -> None:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            said = tuple(
                f"${self.names.index(one.name) + 1}" if isinstance(one, Slot) else cursor.mogrify("%s", [one]).decode()
                for one in self.params
            )
            cursor.execute(f"PREPARE {self.name} AS {self.sql % said}")


# What each open connection has been told; it forgets with the connection.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Question:
    """One question about records, written when it is asked for the first time."""

    def __init__(self, question: Callable[[Any], QuerySet], *, planned_each_time: bool = False) -> None:
        self.question = question
        self.is_kept = not planned_each_time
        self._queryset: QuerySet | None = None
        self._count: Statement | None = None

    def rows(self, person: Any, **values: Any) -> list[Any]:
        """The answer for this person as of now; nothing for somebody who may not sign in."""
        if not person.is_active:
            return []
        if self._queryset is None:
            self._write()
        return list(self._asked(values | {"person": person.pk, "keys": person.keys()}))

    def first(self, person: Any, **values: Any) -> Any:
        """The first row, or None."""
        return next(iter(self.rows(person, **values)), None)

    def count(self, person: Any, **values: Any) -> int:
        """How many rows the answer has."""
        if not person.is_active:
            return 0
        if self._count is None:
            sql, params = self.question(Somebody()).values("pk").query.get_compiler(using=DEFAULT_DB_ALIAS).as_sql()
            self._count = Statement(f"SELECT COUNT(*) FROM ({sql}) counted", params, is_kept=self.is_kept)  # noqa: S608
        return self._count.rows(**values, person=person.pk, keys=person.keys())[0][0]

    def _write(self) -> None:
        queryset = self.question(Somebody())
        self._compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self._statement = Statement(*self._compiler.as_sql(), is_kept=self.is_kept)
        self._converters = self._compiler.get_converters([one[0] for one in self._compiler.select])
        self._queryset = queryset  # last: another thread takes it as the sign that all of it stands

    def _asked(self, values: dict[str, Any]) -> QuerySet:
        """The queryset with these values; Django reads its rows as it always does."""
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda *_args, **_options: self._statement.bound(compiler.connection, values)
        compiler.get_converters = lambda _expressions: self._converters
        written = self._queryset
        query = copy.copy(written.query)
        query.get_compiler = lambda *_args, **_options: compiler
        asked = type(written)(written.model, query, written._db)
        asked._iterable_class = written._iterable_class
        asked._fields = written._fields
        asked._prefetch_related_lookups = written._prefetch_related_lookups
        return asked
