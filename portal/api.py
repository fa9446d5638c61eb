"""The search for programs: the same question and the same rights as in the page."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from core.search import search
from people.api import asking

router = Router(tags=["search"])


class Asked(Schema):
    """What is looked for; ``everything`` adds what is not in force."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=300)
    kind: str = Field("", max_length=40)
    page: int = Field(1, ge=1, le=100_000)
    everything: bool = False


class Hit(Schema):
    kind: str
    code: str
    title: str
    state: str
    url: str
    snippet: str = Field(description="HTML; the words found stand in <mark>")


class Found(Schema):
    count: int
    count_is_bounded: bool = Field(description="there are more; counts are of the first ones")
    results: list[Hit]
    did_you_mean: str
    facets: dict[str, dict[str, int]]


@router.get("/search", response=Found)
def find_anything(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Records the person may see, best first."""
    words = asked.q.replace("\x00", " ")
    found = search(asking(request), words, kind=asked.kind, page=asked.page, everything=asked.everything)
    return {
        "count": found.count,
        "count_is_bounded": found.is_bounded,
        "results": [
            {
                "kind": hit.entry.kind,
                "code": hit.entry.code,
                "title": hit.entry.title,
                "state": hit.state,
                "url": hit.entry.url,
                "snippet": str(hit.snippet),
            }
            for hit in found.rows
        ],
        "did_you_mean": found.did_you_mean,
        "facets": {
            name: {str(value.value): value.count for value in values if value.value is not None}
            for name, values in found.facets.items()
        },
    }
