"""Collects the texts people read; `_t` and `gettext_noop` mark them as `_` does."""

from typing import Any

from django.core.management.commands import makemessages

WITHOUT = [".venv", "node_modules", "collected", "static", "tests", "bench", "var"]


class Command(makemessages.Command):
    """Django's own command with the names this project marks texts by, and files without line numbers."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t", "--keyword=gettext_noop:1"]
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options["ignore_patterns"] = [*options["ignore_patterns"], *WITHOUT]
        options["no_wrap"] = options["no_obsolete"] = True
        options["add_location"] = "file"
        super().handle(*args, **options)
