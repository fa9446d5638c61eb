"""The content of a checklist: cleaned into one form, bad input named with its place, scores as worked by hand."""

import json
from decimal import Decimal

import pytest

from audits.checklists.asking import asked_questions, outcome
from audits.checklists.schema import ChecklistRefused, as_bytes, clean_checklist
from audits.checklists.scores import score


def content(*questions, **facts):
    listed = [{"text": f"Question {one.get('key')}"} | one for one in questions]
    return json.dumps({"sections": [{"title": "Dock", "questions": listed}]} | facts).encode()


def cleaned(*questions, **facts):
    return clean_checklist(content(*questions, **facts))[0]


def problems(data):
    with pytest.raises(ChecklistRefused) as refused:
        clean_checklist(data)
    return [str(problem) for problem in refused.value.problems]


def test_cleaning_twice_gives_the_same_bytes():
    question = {
        "text": "  Is it\u202e cold? ",
        "guidance": {"look": "probe"},
        "weight": "2,50",
        "step": {"document": "SOP-1", "key": "s"},
    }
    checklist, _removed = clean_checklist(content(question, {"type": "number", "min": 2, "max": "8.0", "unit": "°C"}))
    first = as_bytes(checklist)
    assert as_bytes(clean_checklist(first)[0]) == first
    one, two = checklist.questions.values()
    assert (one.text, one.number, one.weight, one.guidance) == (
        "Is it cold?",
        "1.1",
        Decimal("2.5"),
        (("look", "probe"),),
    )
    assert two.limits == "2 – 8.0\u00a0°C"


def test_keys_stay_and_missing_ones_are_made_once():
    checklist = cleaned({"key": "a"}, {"text": "Same"}, {"text": "Same"})
    keys = list(checklist.questions)
    assert keys[0] == "a"
    assert len(set(keys)) == 3
    assert list(clean_checklist(as_bytes(checklist))[0].questions) == keys


def test_what_is_unknown_is_left_out_and_said():
    checklist, removed = clean_checklist(content({"key": "a", "script": "alert(1)"}, owner=3))
    assert [str(one) for one in removed] == ["the unknown entry “owner”", "the unknown entry “script”"]
    assert b"alert" not in as_bytes(checklist)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "line 1: The JSON is not well formed."),
        (b"[1]", "A checklist is a mapping with the key “sections”."),
        (b"caf\xe9", "The checklist is not UTF-8 text."),
        (b'{"sections": [1]}', "“sections” is a list of mappings."),
        (b"[" * 100_000, "The JSON cannot be read."),
        (content(*[{}] * 10_000), "The checklist has 10000 questions; at most 2000 are kept. Split it into several."),
        (content({"key": "a"}, {"key": "a"}), "1.2: The key “a” is used already at 1.1."),
        (content({"key": "a b"}), "1.1: A key has letters, digits, dots and hyphens, at most 120."),
        (content({"text": " "}), "1.1: Enter the question."),
        (content({"type": "magic"}), "1.1: There is no type of question “magic”."),
        (content({"type": "number", "max": "8 °C"}), "1.1: Enter a number without its unit"),
        (content({"type": "number", "min": 9, "max": 8}), "1.1: The upper limit must not be below the lower one."),
        (content({"type": "choice", "options": [{"label": "A"}]}), "1.1: Enter 2 to 30 options."),
        (content({"type": "choice", "options": [{"label": "A"}, {"label": "A"}]}), "1.1: Two options are the same."),
        (content({"type": "score", "score_min": 5, "score_max": 5}), "1.1: The highest score must be above"),
        (content({"type": "sample", "sample_size": 9, "sample_of": 3}), "1.1: A sample cannot be larger"),
        (content({"weight": "0"}), "1.1: A weight is above 0 and at most 100."),
        (content({"critical": "yes"}), "1.1: “critical” is true or false."),
        (content({"type": "text", "critical": True}), "1.1: Critical can only be what conforms or not"),
        (content({"key": "a", "show_if": {"question": "z", "values": ["yes"]}}), "1.1: It depends on a question that"),
        (
            content({"key": "a", "show_if": {"question": "b", "values": ["no"]}}, {"key": "b"}),
            "1.1: It depends on 1.2, which",
        ),
        (
            content({"key": "a"}, {"show_if": {"question": "a", "values": ["maybe"]}}),
            "1.2: “maybe” is no answer to 1.1.",
        ),
        (content({"key": "a"}, {"show_if": {"question": "a", "values": []}}), "1.2: Choose the answers that show"),
    ],
)
def test_bad_content_is_refused_with_its_place(data, said):
    assert said in problems(data)[0]


def test_circular_conditions_are_named_on_each_question():
    first = {"key": "a", "show_if": {"question": "b", "values": ["yes"]}}
    second = {"key": "b", "show_if": {"question": "a", "values": ["yes"]}}
    said = problems(content(first, second))
    assert said == [
        "1.1: It depends on itself: the conditions go in a circle over 1.2.",
        "1.2: It depends on itself: the conditions go in a circle over 1.1.",
    ]


def test_a_hidden_question_hides_what_depends_on_it():
    checklist = cleaned(
        {"key": "a"},
        {"key": "b", "show_if": {"question": "a", "values": ["no"]}},
        {"key": "c", "show_if": {"question": "b", "values": ["yes"]}},
        {"key": "t", "type": "number", "max": "8"},
        {"key": "d", "show_if": {"question": "t", "values": ["failed"]}},
    )

    def asked(**answers):
        return "".join(question.key for question in asked_questions(checklist, answers))

    assert asked() == "at"
    assert asked(a="no") == "abt"
    assert asked(a="yes", b="yes") == "at"  # what was answered before it was hidden does not count
    assert asked(a="no", b="yes", t="9.5") == "abctd"
    assert asked(a=["yes", "no"]) == "abt"  # of two auditors one said no


# Worked by hand: weights 1, 2, 3, 1, 4; fulfilled 1, 0, 3/4, 1/2, 0.9 → (1 + 0 + 2.25 + 0.5 + 3.6) / 11 = 66.818… %
MIXED = (
    {"key": "yes"},
    {"key": "temp", "type": "number", "min": "2", "max": "8", "weight": "2"},
    {"key": "order", "type": "score", "score_min": 0, "score_max": 4, "score_passes": 3, "weight": "3"},
    {"key": "half", "type": "sample", "sample_size": 2},
    {"key": "most", "type": "sample", "sample_size": 10, "weight": "4"},
    {"key": "note", "type": "text"},
    {"key": "away"},
)
ANSWERS = {
    "yes": "yes",
    "temp": "8.1",
    "order": "3",
    "half": {"checked": 2, "conform": 1},
    "most": {"checked": 10, "conform": 9},
    "note": "All tidy",
    "away": "na",
}


def test_score_is_the_weighted_share_of_what_applies():
    reached = score(cleaned(*MIXED, passes_at=66), ANSWERS)
    assert (reached.points, reached.possible) == (Decimal("7.35"), Decimal(11))
    assert reached.percent == Decimal("66.8")
    assert (reached.asked, reached.answered, reached.not_applicable) == (7, 7, 1)
    assert reached.failed == ("temp", "half", "most")
    assert reached.has_passed is True


def test_unanswered_questions_count_on_neither_side():
    reached = score(cleaned(*MIXED), {"yes": "yes", "temp": "9"})
    assert reached.percent == Decimal("33.3")  # 1 of 3
    assert (reached.answered, reached.has_passed) == (2, None)
    assert score(cleaned(*MIXED), {}).percent is None


def test_a_critical_failure_knocks_out():
    checklist = cleaned({"key": "a", "critical": True}, {"key": "b", "weight": "9"}, passes_at=50)
    reached = score(checklist, {"a": "no", "b": "yes"})
    assert (reached.percent, reached.result, reached.has_passed) == (Decimal("90.0"), Decimal("0.0"), False)
    assert reached.knocked_out_by == ("a",)
    assert score(checklist, {"a": "na", "b": "yes"}).result == Decimal("100.0")


def test_sections_have_scores_of_their_own():
    data = {
        "sections": [
            {"key": "x", "title": "X", "questions": [{"key": "a", "text": "A"}]},
            {"key": "y", "title": "Y", "questions": [{"key": "b", "text": "B"}, {"key": "c", "text": "C"}]},
        ]
    }
    reached = score(clean_checklist(json.dumps(data).encode())[0], {"a": "yes", "b": "no", "c": "yes"})
    assert (reached.sections["x"].percent, reached.sections["y"].percent) == (Decimal("100.0"), Decimal("50.0"))
    assert reached.percent == Decimal("66.7")


def test_values_out_of_type_say_nothing_about_conformity():
    checklist = cleaned({"key": "n", "type": "number", "max": "8"}, {"key": "s", "type": "sample"})
    number, sample = checklist.questions.values()
    assert outcome(number, "NaN") == outcome(number, "cold") == outcome(sample, {"checked": 0, "conform": 0}) == "noted"
    assert (outcome(number, "8"), outcome(number, "8.01"), outcome(number, "na")) == (
        "passed",
        "failed",
        "not_applicable",
    )
