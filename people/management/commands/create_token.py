"""Make an API token for a person and print it, alone on its line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.models import ApiToken, Person


class Command(BaseCommand):
    help = "Make an API token for a person; prints the token alone. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ)
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.active().filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody who may sign in has the address {options['email']}.")
        longest = ApiToken._meta.get_field("name").max_length
        if len(options["name"]) > longest:
            raise CommandError(f"The name is longer than {longest} letters.")
        _token, text = ApiToken.make(person, name=options["name"], scope=options["scope"])
        self.stdout.write(text)
