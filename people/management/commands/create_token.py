"""Make an API token for a person and print it, alone on its line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.ledger import record_line
from core.notices import tell
from core.safe.words import gettext_noop
from people.models import ApiToken, Person


class Command(BaseCommand):
    help = "Make an API token for a person; prints the token alone. It is shown this once. Or end all that they have."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ)
        parser.add_argument("--name", default="command line")
        parser.add_argument("--revoke", action="store_true", help="end all tokens of the person instead")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.active().filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody who may sign in has the address {options['email']}.")
        if options["revoke"]:
            self.stdout.write(f"{_revoke(person)} tokens ended.")
            return
        longest = ApiToken._meta.get_field("name").max_length
        if len(options["name"]) > longest:
            raise CommandError(f"The name is longer than {longest} letters.")
        self.stdout.write(_make(person, options["name"], options["scope"]))


@transaction.atomic
def _make(person: Person, name: str, scope: str) -> str:
    """A program can work in the person's name from now on: they hear of it, and it stands in the ledger."""
    token, text = ApiToken.make(person, name=name, scope=scope)
    record_line(person, "token_made", by=None, data={"name": name, "scope": scope, "hint": token.hint})
    said = gettext_noop("A program can work in your name from now on: a token was made for “%(name)s”", name=name)
    tell([person], "security", said, occasion=f"token:{token.pk}")
    return text


@transaction.atomic
def _revoke(person: Person) -> int:
    """End all tokens of the person; how many there were."""
    tokens = list(ApiToken.objects.usable().filter(person=person))
    for token in tokens:
        token.revoke()
    if tokens:
        record_line(person, "tokens_ended", by=None, data={"hints": ", ".join(token.hint for token in tokens)})
    return len(tokens)
