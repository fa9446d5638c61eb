"""The block of properties that many Markdown files begin with."""

from __future__ import annotations

import re
import tomllib

import yaml

from core.safe.words import Said, gettext_noop
from sops.importing.facts import Facts, parse_date, parse_version

_YAML = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_PROPERTY = re.compile(r"\A(?:\s*(?:#.*)?\n)*\s*[\w.-]+\s*:(?:\s|\Z)")
MAX_CHARACTERS = 64_000
_KEYS = {
    "code": "code number no doc_id docid document_id document_number document_no sop sop_id sop_number sop_no "
    "reference ref",
    "version": "version revision rev edition issue",
    "effective_on": "effective effective_on effective_date effective_from date_effective valid_from in_force_from",
    "approved_on": "approved approved_on approval_date approved_date date_approved",
    "approver": "approver approved_by",
    "owner": "owner document_owner process_owner policy_owner responsible",
    "review_due_on": "review_due review_due_on review_date review_by next_review next_review_date next_review_on "
    "valid_until",
    "department": "department dept division",
    "dated_on": "date",
}
_FIELDS = {key: field for field, keys in _KEYS.items() for key in keys.split()}


# Everything as written: no types that change "1.10" into 1.1. The parser in C where PyYAML was built with it.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MAX_DEPTH = 50


def _plain(block: str) -> object:
    """What the block says in strings, lists and mappings; no aliases, because they multiply."""
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            raise yaml.YAMLError("aliases and deep nesting are not read")
    return yaml.load(block, Loader=_Loader)  # noqa: S506 (a base loader: strings, lists and mappings only)


def split_front_matter(text: str) -> tuple[dict[str, str], str, list[Said]]:
    """The properties, the text below them, and what could not be read."""
    match = _YAML.match(text)
    if match:
        properties, broken = _read_yaml(match[1])
        if properties is None and not (broken and _PROPERTY.match(match[1])):
            return {}, text, []
        said = [gettext_noop("The properties at the top of the file could not be read and were left out.")]
        return properties or {}, text[match.end() :], said if properties is None else []
    match = _TOML.match(text)
    if match:
        try:
            found = tomllib.loads(match[1])
        except (tomllib.TOMLDecodeError, RecursionError):
            said = [gettext_noop("The properties at the top of the file could not be read and were left out.")]
            return {}, text[match.end() :], said
        return _scalars(found), text[match.end() :], []
    return {}, text, []


def _read_yaml(block: str) -> tuple[dict[str, str] | None, bool]:
    """The properties, or None; and whether it was broken rather than something else than properties."""
    if not block.strip():
        return {}, False
    if len(block) > MAX_CHARACTERS:
        return None, True
    try:
        found = _plain(block)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None, True
    if found in (None, ""):
        return {}, False
    return (_scalars(found), False) if isinstance(found, dict) else (None, False)


def _scalars(found: dict) -> dict[str, str]:
    return {
        re.sub(r"[\s-]+", "_", str(key)).lower(): str(value)
        for key, value in found.items()
        if isinstance(value, str | int | float) or hasattr(value, "isoformat")
    }


def facts_of(properties: dict[str, str]) -> tuple[Facts, list[Said]]:
    """The facts that properties of usual names hold."""
    found: dict[str, object] = {}
    warnings: list[Said] = []
    for key, value in properties.items():
        field = _FIELDS.get(key)
        value = " ".join(value.split())
        if not field or not value or field in found:
            continue
        if field.endswith("_on"):
            day, said = parse_date(value)
            warnings += [said] if said else []
            if day:
                found[field] = day
        elif field == "version":
            found[field] = parse_version(value) or value[:20]
        elif field != "code" or any(character.isdigit() for character in value):
            found[field] = value[:40] if field == "code" else value[:200]
    return Facts(**found), warnings
