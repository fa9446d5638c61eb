"""`manage.py demo`: the demo organisation, made once."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo.making import make_demo
from portal.demo.sign_ins import Outcome

SAID = {
    Outcome.MADE: "The demo organisation is ready.",
    Outcome.THERE: "The demo organisation is there already.",
    Outcome.IN_USE: "Somebody works with this portal already: the demo organisation was not added.",
}


class Command(BaseCommand):
    """Make the demo organisation; a second run changes nothing."""

    help = "Makes the demo organisation (PORTAL_DEMO only). A second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--note", type=Path, help="a file that is told what became of it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PORTAL_DEMO:
            raise CommandError("This portal is not a demo. Start it with DEMO=1, or set PORTAL_DEMO=1.")
        if not settings.PORTAL_DEMO_PASSWORD:
            raise CommandError("Set PORTAL_DEMO_PASSWORD: everybody in the demo signs in with it.")
        outcome = make_demo(settings.PORTAL_DEMO_PASSWORD)
        if options["note"]:
            options["note"].write_text(outcome.value)
        if options["verbosity"]:
            self.stdout.write(SAID[outcome])
