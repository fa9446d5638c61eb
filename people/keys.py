"""The keys a person carries. A record names the keys that open it; the database compares the two arrays."""

from functools import cache
from typing import Any

from django.utils import timezone

from core.questions import Statement

# Apps add where further keys come from (grants on single records, say): SQL with one placeholder for the person's
# id, giving one text column. All sources are asked in one query.
_sources: dict[str, str] = {
    "department": """
        SELECT 'department:' || unnest(d.lineage) FROM people_department d
        JOIN people_person p ON p.department_id = d.id WHERE p.id = %(person)s""",
    "role": "SELECT 'role:' || jobrole_id FROM people_person_job_roles WHERE person_id = %(person)s",
    "group": """
        SELECT 'group:' || g.name FROM auth_group g
        JOIN people_person_groups pg ON pg.group_id = g.id WHERE pg.person_id = %(person)s""",
    # Who stands in for somebody reads what is addressed to them; what their roles open stays theirs.
    "delegation": """
        SELECT 'person:' || d.person_id FROM people_delegation d
        JOIN people_person away ON away.id = d.person_id AND away.is_active
        WHERE d.delegate_id = %(person)s AND %(today)s BETWEEN d.starts_on AND d.ends_on""",
}

EVERYONE = "everyone"

# What the person may do at all, by groups and by themself; asked in the same query, because every page asks for both.
_RIGHT = "may:"
_RIGHTS = f"""
    SELECT '{_RIGHT}' || t.app_label || '.' || r.codename FROM auth_permission r
    JOIN django_content_type t ON t.id = r.content_type_id
    WHERE r.id IN (SELECT g.permission_id FROM auth_group_permissions g
                   JOIN people_person_groups pg ON pg.group_id = g.group_id WHERE pg.person_id = %(person)s
                   UNION ALL
                   SELECT permission_id FROM people_person_user_permissions WHERE person_id = %(person)s)"""  # noqa: S608


def add_key_source(name: str, sql: str) -> None:
    """Add a source of keys. ``sql`` selects one text column; %(person)s, %(now)s and %(today)s are bound."""
    _sources[name] = sql
    _statement.cache_clear()


def keys_and_rights_of(person: Any) -> tuple[list[str], frozenset[str]]:
    """All keys of an active person, and the names of the permissions they have, read in one query."""
    rows = _statement().rows(person=person.pk, now=timezone.now(), today=timezone.localdate())
    found = [row[0] for row in rows]
    rights = frozenset(one.removeprefix(_RIGHT) for one in found if one.startswith(_RIGHT))
    return [EVERYONE, f"person:{person.pk}", *(key for key in found if not key.startswith(_RIGHT))], rights


@cache
def _statement() -> Statement:
    return Statement.named(" UNION ALL ".join([*_sources.values(), _RIGHTS]))
