"""The block of properties that many Markdown files begin with."""

from __future__ import annotations

import json
import re
import tomllib

import yaml

from core.safe.words import Said, gettext_noop
from sops.importing.facts import Facts, field_called, not_understood, parse_date, parse_version

_YAML = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
# Blanks and line ends apart: where both could take a line, the ways to try double with each of them.
_PROPERTY = re.compile(r"\A(?:[^\S\n]*(?:#.*)?\n)*[^\S\n]*[\w.-]+\s*:(?:\s|\Z)")
_JSON = re.compile(r"\A\{[ \t]*\r?\n\s*\"")
_LINE = re.compile(r"\s*([^\W\d_][\w .-]{0,60}?)\s*:\s+([^\s\[{&*!|>%@`].*)")
_CAN_BELONG = re.compile(r"[\s#\]})\"'{\[-]|[^\s:][^:]{0,60}:")
# Boxes in which properties of the document itself stand.
_BOXES = {"document", "doc", "metadata", "meta", "properties", "sop", "procedure", "extra", "params"}
_LEFT_OUT = gettext_noop("The properties at the top of the file could not be read and were left out.")
_LINE_BY_LINE = gettext_noop("The properties at the top of the file break the rules of YAML; they were read by lines.")
_OTHERS = {
    "id",
    "document",
    "dokument",
    "reference",
    "state",
    "stand",
    "bereich",
}  # names of other things in properties
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
        if properties is None and not (broken and _PROPERTY.match(match[1]) and _is_all_properties(match[1])):
            return {}, text, []
        if properties is not None:
            return properties, text[match.end() :], []
        properties = _line_by_line(match[1])
        said = _LEFT_OUT if not properties else _LINE_BY_LINE
        return properties, text[match.end() :], [said]
    match = _TOML.match(text)
    if match:
        try:
            found = tomllib.loads(match[1].replace("\r\n", "\n"), parse_float=str)
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}, text[match.end() :], [_LEFT_OUT]
        return scalars(found), text[match.end() :], []
    if _JSON.match(text):
        try:
            found, end = json.JSONDecoder(parse_float=str).raw_decode(text)
        except (ValueError, RecursionError):
            return {}, text, []
        return scalars(found), text[end:], []
    return {}, text, []


def _is_all_properties(block: str) -> bool:
    """Whether each line can belong to properties; a sentence between two rules is text."""
    return all(not line.strip() or _CAN_BELONG.match(line) for line in block.splitlines())


def _line_by_line(block: str) -> dict[str, str]:
    """What stands behind a key on its line: "title: SOP: Receiving" breaks the rules of YAML, and is clear enough."""
    if len(block) > MAX_CHARACTERS:
        return {}
    lines = (_LINE.match(line) for line in block.splitlines())
    return {name_of(line[1]): line[2].strip().strip("\"'") for line in lines if line}


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
    return (scalars(found), False) if isinstance(found, dict) else (None, False)


def name_of(key: object) -> str:
    """A key as the portal compares it: "Effective Date", "effective-date" and "effectiveDate" are one."""
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])", "_", str(key).strip())).lower()


def scalars(found: dict, within: str = "") -> dict[str, str]:
    """Keys and plain values; what stands deeper is named by its path ("approved: {by: …}" is approved_by), and a list
    of one is that one."""
    plain: dict[str, str] = {}
    for key, value in found.items():
        name = f"{within}{name_of(key)}"
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, dict):
            if within.count("_") < MAX_DEPTH:
                inner = scalars(value, f"{name}_")
                if name in _BOXES:
                    inner |= scalars(value)
                plain |= {deeper: said for deeper, said in inner.items() if deeper not in plain}
        elif isinstance(value, list):
            plain[name] = ", ".join(str(one) for one in value if isinstance(one, str | int | float))
        elif isinstance(value, bool):
            continue  # "approved: true" states no day
        elif isinstance(value, str | int | float) or hasattr(value, "isoformat"):
            plain[name] = str(value)
    return plain


def facts_of(properties: dict[str, str]) -> tuple[Facts, list[Said]]:
    """The facts that properties of usual names hold."""
    found: dict[str, object] = {}
    warnings: list[Said] = []
    for key, value in properties.items():
        field = _FIELDS.get(key) or (field_called(key.replace("_", " ")) if key not in _OTHERS else None)
        value = " ".join(value.split())
        if not field or not value or field in found:
            continue
        if field.endswith("_on"):
            day, said = parse_date(value)
            if day:
                found[field] = day
            elif field != "dated_on":
                warnings.append(said or not_understood(value))
        elif field == "version":
            found[field] = parse_version(value) or value[:20]
        elif field != "code" or any(character.isdigit() for character in value):
            found[field] = value[:40] if field == "code" else value[:200]
    return Facts(**found), warnings
