"""`python -m bench.sweep remind`: one of the portal's sweeps as a worker would run it, so that it can be killed."""

import sys
from importlib import import_module

import django

SWEEPS = {"remind": ("actions.reminders", "remind"), "mail": ("core.digests", "mail_notices")}


def main(name: str) -> None:
    """Run it to its end."""
    django.setup()
    module, function = SWEEPS[name]
    getattr(import_module(module), function)()


if __name__ == "__main__":
    main(sys.argv[1])
