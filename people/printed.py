"""How a person is printed beside a signature: name, address and job as they are at that moment."""

from typing import Any


def printed(person: Any, prefix: str = "by") -> dict[str, str]:
    """The values of the fields ``by_name``, ``by_email`` and ``by_job`` of a signed row."""
    jobs = ", ".join(person.job_roles.order_by("name").values_list("name", flat=True))
    return {
        f"{prefix}_name": str(person)[:200],
        f"{prefix}_email": person.email,
        f"{prefix}_job": jobs[:400],
    }
