"""docs/cases.md says the truth: what it names exists, and no case that is tested is left out of it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NUMBERED = re.compile(r"^(?:class (Test(?:Neg|Flt)\d+)|\s*def (test_(?:neg|flt)_\d+\w*)\()", re.MULTILINE)


def rows() -> dict[str, str]:
    lines = (ROOT / "docs" / "cases.md").read_text().splitlines()
    return {
        line.split("|")[1].strip(): line.split("|")[2].strip() for line in lines if line.startswith(("| NEG", "| FLT"))
    }


def written() -> set[str]:
    """Every test whose name holds a number, as path::name."""
    return {
        f"{path.relative_to(ROOT)}::{one or other}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for one, other in NUMBERED.findall(path.read_text())
    }


def test_every_case_is_covered_or_says_why_not() -> None:
    expected = [f"NEG-{n:02}" for n in range(1, 37)] + [f"FLT-{n:02}" for n in range(1, 21)]
    assert list(rows()) == expected
    for number, said in rows().items():
        assert "`tests/" in said or (said.startswith("Not yet: ") and len(said) > 20), number


def test_the_table_and_the_tests_name_the_same() -> None:
    named = {name for said in rows().values() for name in re.findall(r"`(tests/[^`]+::[^`]+)`", said)}
    assert named - written() == set()
    assert written() - named == set()


def test_a_test_stands_beside_its_own_number() -> None:
    for number, said in rows().items():
        for name in re.findall(r"::(\w+)`", said):
            kind, digits = number.split("-")
            assert kind.lower() in name.lower(), name
            assert int(digits) in [int(part) for part in re.findall(r"\d+", name)], name
