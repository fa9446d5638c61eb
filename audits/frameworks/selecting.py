"""What a profile selects from a library: ids that are there, and ids that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from audits.frameworks.values import Pick, Profile


def selected_ids(profile: Profile, parents: dict[str, str]) -> tuple[list[str], list[str]]:
    """(found, missing). ``parents`` gives for each requirement of the library the id of the requirement or group
    above it, in reading order; found ids keep that order."""
    chosen, missing = _picked(profile.include, parents)
    dropped, _unknown = _picked(profile.exclude, parents)
    return [key for key in parents if key in chosen and key not in dropped], missing


def named_ids(profile: Profile) -> set[str]:
    """The ids that the profile names, for finding the library it was written for."""
    return {key for pick in profile.include for key in pick.ids}


def _picked(picks: Iterable[Pick], parents: dict[str, str]) -> tuple[set[str], list[str]]:
    chosen: set[str] = set()
    missing: list[str] = []
    for pick in picks:
        if pick.everything:
            chosen |= parents.keys()
        here = {key for key in pick.ids if key in parents}
        missing += [key for key in dict.fromkeys(pick.ids) if key not in parents]
        for pattern in pick.patterns:
            here |= {key for key in parents if fnmatchcase(key, pattern)}
        if pick.with_children:
            here |= {key for key in parents if _is_below(key, here, parents)}
        chosen |= here
    return chosen, missing


def _is_below(key: str, chosen: set[str], parents: dict[str, str]) -> bool:
    """Whether one of the requirements above is chosen; libraries hold no cycles."""
    above = parents.get(key, "")
    while above:
        if above in chosen:
            return True
        above = parents.get(above, "")
    return False
