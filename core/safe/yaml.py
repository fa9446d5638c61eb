"""Reading YAML nobody vouches for: texts, lists and mappings only, no aliases, no tags, bounded size and depth."""

from __future__ import annotations

from typing import Any

import yaml

from core.safe.words import gettext_noop

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 2_000_000
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class UnsafeYAML(ValueError):
    """The YAML is not read; the message begins with the line where that is known."""


def parse_yaml(text: str) -> Any:
    """The first document of a YAML text: every scalar is a `str` as written, so "1.10" and "yes" stay what they are.

    Raises `UnsafeYAML` for broken YAML, aliases (which can make a small file endless), two keys of one name, deep
    nesting and very many values."""
    if len(text) > MAX_BYTES:
        raise UnsafeYAML(gettext_noop("The file is larger than %(limit)d MB.", limit=MAX_BYTES // 1024**2))
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if builder.take(event):
                break
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or "unreadable")[:160]
        line = mark.line + 1 if mark else 1
        raise UnsafeYAML(
            gettext_noop("line %(line)d: The YAML is not well formed (%(problem)s).", line=line, problem=problem)
        ) from error
    return builder.root


class _Builder:
    """Makes values of the parser's events, without recursion."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[Any] = []  # collections that are not closed yet, outermost first
        self._keys: list[str | None] = []  # the key that waits for its value, for each open mapping
        self._count = 0

    def take(self, event: yaml.Event) -> bool:
        """Take one event; true when the first document is complete."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise UnsafeYAML(
                gettext_noop("line %(line)d: Aliases (*name) are not read. Write the text out.", line=line)
            )
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self._add(event.value, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._add(value, line)
            self._open.append(value)
            self._keys.append(None)
            if len(self._open) > MAX_DEPTH:
                raise UnsafeYAML(
                    gettext_noop("line %(line)d: Nested more than %(limit)d deep.", line=line, limit=MAX_DEPTH)
                )
        return isinstance(event, yaml.DocumentEndEvent)

    def _add(self, value: Any, line: int) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise UnsafeYAML(gettext_noop("The YAML has more than %(limit)d values.", limit=MAX_NODES))
        if not self._open:
            self.root = value
            return
        holder, key = self._open[-1], self._keys[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif key is None:
            self._take_key(holder, value, line)
        else:
            holder[key] = value
            self._keys[-1] = None

    def _take_key(self, holder: dict[str, Any], key: Any, line: int) -> None:
        if not isinstance(key, str):
            raise UnsafeYAML(gettext_noop("line %(line)d: A key must be a text.", line=line))
        if key in holder:
            raise UnsafeYAML(gettext_noop("line %(line)d: The key “%(key)s” is there twice.", line=line, key=key[:80]))
        self._keys[-1] = key
