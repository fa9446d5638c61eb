"""How libraries and their requirements stand in the index."""

from typing import Any

from django.db.models import prefetch_related_objects

from audits.models import Framework, Requirement
from core.catalog import Listing, lists


@lists(Framework)
def framework_listings(frameworks: list[Framework]) -> list[Listing]:
    return [
        Listing(
            kind="framework",
            code=framework.code,
            title=str(framework)[:300],
            url=framework.get_absolute_url(),
            current_from=framework.created_at,
            department_id=framework.department_id,
            owner_id=framework.owner_id,
            audience_keys=framework.audience_keys,
            changed_at=framework.changed_at,
            body=" ".join((framework.publisher, framework.description, framework.get_sort_display())),
        )
        for framework in frameworks
    ]


@lists(Requirement)
def requirement_listings(requirements: list[Requirement]) -> list[Listing]:
    prefetch_related_objects(requirements, "framework")
    return [listing_of(requirement) for requirement in requirements]


def listing_of(requirement: Requirement) -> Listing:
    """A requirement is found by its number in any spelling, its title and its text."""
    framework = requirement.framework
    held: dict[str, Any] = {"current_from": requirement.created_at}
    if requirement.left_source_at or requirement.is_withdrawn:
        held["current_until"] = requirement.left_source_at or requirement.created_at
    return Listing(
        kind="requirement",
        code=requirement.label,
        title=requirement.title,
        url=requirement.get_absolute_url(),
        state="withdrawn" if held.get("current_until") else "",
        department_id=framework.department_id,
        owner_id=framework.owner_id,
        audience_keys=framework.audience_keys,
        changed_at=requirement.changed_at,
        body="\n".join((requirement.text, requirement.guidance)),
        **held,
    )
