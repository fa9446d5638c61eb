"""NEG-36: whatever a program sends, the API answers with an error it can read, never with a fault of its own."""

from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from documents.submission import StepPlan, submit
from people.models import ApiToken
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db
EXAMPLES = [15, pytest.param(100, marks=pytest.mark.faults)]  # of each operation
NASTY = ["\x00", "²", "9" * 5000, "%00", "..", "' OR 1=1 --", "\ud800", "", "{{7*7}}", "-1", "SOP-INB-001 "]


@pytest.fixture
def program(author, owner, approver):
    """A client with a token that may write, and something in every state to write to."""
    released(author, owner, approver)
    new_draft(author, owner)
    submit(new_draft(author, owner), by=author, plan=[StepPlan("Approved", people=[approver])])
    _token, text = ApiToken.make(author, name="t", scope="write")
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})


def operations(program: Client) -> list[Any]:
    schema = schemathesis.openapi.from_dict(program.get("/api/openapi.json").json())
    return [found.ok() for found in schema.get_all_operations()]


def send(program: Client, case: Any, codes: list[Any], nasty: list[Any]) -> Any:
    """The generated request; parts of it are replaced by what exists, so that it gets past the first check."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        real = {"code": codes[0], "sequence": 1, "name": codes[1]}.get(name)
        path = path.replace("{" + name + "}", str(real if codes[2] and real is not None else value))
    query = {str(name): str(value) for name, value in (case.query or {}).items()} | (
        {nasty[0]: nasty[1]} if nasty else {}
    )
    sent = case.body if isinstance(case.body, dict | list | str | int | float | bool | None) else {}
    address = "".join(letter for letter in path if letter not in "\r\n\t?#")
    if case.method.upper() in ("GET", "HEAD"):
        known = {name.encode(errors="replace"): value.encode(errors="replace") for name, value in query.items()}
        return program.get(address.encode(errors="replace").decode(), known)
    return getattr(program, case.method.lower())(
        address.encode(errors="replace").decode(), sent, content_type="application/json"
    )


def run(program: Client, operation: Any, real: Any, nasty: Any, examples: int) -> set[int]:
    """Ask one operation so many things; the statuses it answered with."""
    seen: set[int] = set()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), codes=real, more=nasty)
    def meets_no_fault(case: Any, codes: Any, more: Any) -> None:
        answer = send(program, case, codes, more)
        seen.add(answer.status_code)
        assert answer.status_code < 500, f"{operation.label} {answer.request['PATH_INFO']!r} {case.body!r} {more!r}"

    meets_no_fault()
    return seen


@pytest.mark.long
@pytest.mark.parametrize("examples", EXAMPLES)
def test_neg_36_a_generated_run_over_the_whole_api_meets_no_fault(program, examples):
    found = operations(program)
    assert len(found) >= 8
    statuses: dict[str, set[int]] = {}
    real = st.tuples(
        st.sampled_from(["SOP-INB-001", "SOP-INB-002", "SOP-INB-003"]),
        st.sampled_from(["submit", "withdraw", "discard", "approve"]),
        st.booleans(),
    )
    nasty = st.one_of(
        st.just([]), st.lists(st.sampled_from(["q", "page", "page_size", "kind", *NASTY]), min_size=2, max_size=2)
    )
    for operation in found:
        statuses[operation.label] = run(program, operation, real, nasty, examples)
    assert len(statuses) == len(found)
    assert {200, 404, 422} <= set().union(*statuses.values())


@pytest.mark.parametrize("value", NASTY)
def test_neg_36_odd_values_in_addresses_and_headers_meet_no_fault(program, value):
    written = value.encode(errors="replace").decode()
    for address in ("/api/documents", "/api/search"):
        for name in ("q", "kind", "page", "page_size"):
            assert program.get(address, {name: written}).status_code in (200, 400, 422), f"{address} {name}"
    new = {"kind": "sop", "title": value or "x", "code": value, "owner": value, "department": value, "body": value}
    key = {"Idempotency-Key": "".join(letter for letter in value if " " < letter < "\x7f")[:200]}
    answer = program.post("/api/documents", new, content_type="application/json", headers=key)
    assert answer.status_code in (201, 400, 422, 409), answer.content[:300]
    written_raw = b'{"kind": "sop", "title": "\xff\xfe"}'
    assert program.post("/api/documents", written_raw, content_type="application/json").status_code in (400, 422)
