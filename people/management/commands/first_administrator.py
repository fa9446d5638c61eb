"""The way into an empty portal, and back into one whose administrators are gone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.first_administrator import is_empty, promote, setup_address
from people.models import Person


class Command(BaseCommand):
    help = "Print the set-up address of an empty portal; with --email, make somebody who is here an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="make this person an administrator, from the server itself")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["email"]:
            person = Person.objects.filter(email__iexact=options["email"]).first()
            if person is None:
                raise CommandError(f"Nobody here has the address {options['email']}.")
            promote(person)
            self.stdout.write(f"{person.email} is an administrator.")
        elif is_empty():
            self.stdout.write(setup_address())
        else:
            raise CommandError("The portal has people already. Use --email to make one of them an administrator.")
