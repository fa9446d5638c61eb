"""Templates respect the floors of the house: they name addresses, permissions and templates of lower apps only."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
# Templates of packages that the street address (processportal) draws anew.
OF_PACKAGES = {"account", "admin", "allauth", "mfa", "socialaccount", "usersessions"}
# Names without an app in front are the roof's (portal/urls.py); packages and Django are below everything.
NAMED = (
    ("address", re.compile(r"""{% url ["']([\w-]+):""")),
    ("address", re.compile(r"""{% url ["'](?!account_|mfa_|socialaccount_|openid|set_language)([\w-]+)["']""")),
    ("permission", re.compile(r"""perms\.(\w+)\.""")),
    ("template", re.compile(r"""{% (?:include|extends|kept) ["'](\w+)/""")),
)


def floors() -> dict[str, int]:
    """App → its floor; the foundation is 0."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    levels = list(reversed(contract["layers"]))
    return {app.strip(): level for level, apps in enumerate(levels) for app in re.split(r"[|:]", apps)}


def names_upwards() -> Iterator[str]:
    """Every name of a higher app in a template; shared folders belong to the foundation."""
    levels = floors()
    for path in sorted(TEMPLATES.rglob("*.html")):
        relative = path.relative_to(TEMPLATES)
        own = levels["processportal"] if relative.parts[0] in OF_PACKAGES else levels.get(relative.parts[0], 0)
        for sort, pattern in NAMED:
            for app in pattern.findall(path.read_text()):
                level = levels.get(app, levels["portal"] if sort == "address" and not _is_package(app) else 0)
                if level > own:
                    yield f"{relative}: {sort} of {app}"


def _is_package(name: str) -> bool:
    return name in {"admin", "api"}


def test_templates_name_nothing_of_higher_apps():
    assert list(names_upwards()) == []
