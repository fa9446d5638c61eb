"""The JSON of a checklist: what may stand in it, cleaned into one canonical form.

    {"sections": [{"key": "dock", "title": "Dock", "questions": [
        {"key": "q-1", "type": "number", "text": "Temperature of the goods", "min": "2", "max": "8", "unit": "°C",
         "guidance": {"look": "the probe"}, "critical": true, "weight": "2",
         "step": {"document": "SOP-CLD-004", "key": "s-3"}, "requirement": "FW-001/cc-2",
         "show_if": {"question": "q-0", "values": ["yes"]}}]}],
     "introduction": "", "passes_at": 80}

Keys are made where they are missing and stay where they are there, so that findings and answers keep their question
through every version. Decimal numbers are texts. What is not known is left out and said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

from audits.checklists.questions import (
    GUIDANCE,
    NA,
    TYPES,
    Checklist,
    Option,
    Question,
    Section,
    ShowIf,
    Target,
)
from core.safe.line import one_line
from core.safe.words import Said, gettext_noop

MAX_BYTES = 4 * 1024 * 1024
MAX_QUESTIONS = 2_000
MAX_SECTIONS = 100
MAX_OPTIONS = 30
MAX_TEXT = 500
MAX_GUIDANCE = 2_000
MAX_PROBLEMS = 20
MAX_WEIGHT = Decimal(100)
MAX_SCORE = 100
MAX_SAMPLE = 1_000_000
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_DECIMAL = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,6})?")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_QUESTION_KEYS = {
    "key", "type", "text", "guidance", "options", "na", "critical", "weight", "min", "max", "unit", "score_min",
    "score_max", "score_passes", "sample_size", "sample_of", "requirement", "step", "element", "show_if",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: "2.4" is the fourth question of the second section; empty is the whole."""

    place: str
    message: Said
    field: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else str(self.message)


class ChecklistRefused(ValueError):
    """The content is no checklist that can be kept; ``problems`` say why, at most twenty."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = problems


def read_checklist(content: bytes) -> Checklist:
    """The checklist in stored bytes; they were cleaned when they were stored."""
    return clean_checklist(content)[0] if content.strip() else Checklist()


def clean_checklist(content: bytes) -> tuple[Checklist, list[Said]]:
    """(checklist, what was left out, in words). Raises ``ChecklistRefused`` with every problem and its place."""
    if len(content) > MAX_BYTES:
        raise _refused(gettext_noop("The checklist is larger than %(limit)d MB.", limit=MAX_BYTES // 1024**2))
    try:
        data = json.loads(content.decode("utf-8-sig") or "{}")
    except UnicodeDecodeError as error:
        raise _refused(gettext_noop("The checklist is not UTF-8 text.")) from error
    except json.JSONDecodeError as error:
        said = gettext_noop("line %(line)d: The JSON is not well formed.", line=error.lineno)
        raise _refused(said) from error
    except (ValueError, RecursionError) as error:
        raise _refused(gettext_noop("The JSON cannot be read.")) from error
    return _Reader().checklist(data)


def as_bytes(checklist: Checklist) -> bytes:
    """The canonical bytes: equal checklists give equal bytes, and hashes."""
    return json.dumps(as_data(checklist), ensure_ascii=False, sort_keys=True, indent=1).encode()


def as_data(checklist: Checklist) -> dict[str, Any]:
    """The JSON value; what has its usual value is left out."""
    data: dict[str, Any] = {
        "sections": [
            {"key": one.key, "title": one.title, "questions": [question_data(each) for each in one.questions]}
            for one in checklist.sections
        ]
    }
    if checklist.introduction:
        data["introduction"] = checklist.introduction
    if checklist.passes_at is not None:
        data["passes_at"] = checklist.passes_at
    return data


def question_data(question: Question) -> dict[str, Any]:
    """One question as JSON."""
    data: dict[str, Any] = {"key": question.key, "type": question.type, "text": question.text}
    optional = {
        "guidance": dict(question.guidance),
        "options": [{"key": one.key, "label": one.label, "conforms": one.conforms} for one in question.options],
        "critical": question.is_critical,
        "unit": question.unit,
        "sample_size": question.sample_size,
        "sample_of": question.sample_of,
        "requirement": question.requirement,
        "weight": "" if question.weight == 1 else _plain(question.weight),
        "min": "" if question.minimum is None else _plain(question.minimum),
        "max": "" if question.maximum is None else _plain(question.maximum),
    }
    data |= {name: value for name, value in optional.items() if value}
    if not question.allows_na:
        data["na"] = False
    if question.type == "score":
        data |= {name: getattr(question, name) for name in ("score_min", "score_max", "score_passes")}
    for name in ("step", "element"):
        if target := getattr(question, name):
            data[name] = {"document": target.document, "key": target.key}
    if question.show_if:
        data["show_if"] = {"question": question.show_if.question, "values": list(question.show_if.values)}
    return data


def numbered(sections: list[Section]) -> tuple[Section, ...]:
    """Sections whose questions carry their number and section."""
    return tuple(
        replace(
            section,
            questions=tuple(
                replace(one, number=f"{place}.{count}", section=section.key)
                for count, one in enumerate(section.questions, start=1)
            ),
        )
        for place, section in enumerate(sections, start=1)
    )


def fresh_key(taken: set[str], prefix: str, words: str) -> str:
    """A key that is not taken, made of the words, so that the same draft twice gives the same keys."""
    base = prefix + sha256(words.encode(errors="replace")).hexdigest()[:8]
    key, count = base, 1
    while key in taken:
        count += 1
        key = f"{base}-{count}"
    taken.add(key)
    return key


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refused(message: Said) -> ChecklistRefused:
    return ChecklistRefused([Problem("", message)])


class _Reader:
    """Walks the JSON once and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.removed: list[Said] = []
        self.taken: set[str] = set()  # keys of sections and questions
        self.places: dict[str, str] = {}
        self.place = ""

    def checklist(self, data: Any) -> tuple[Checklist, list[Said]]:
        if not isinstance(data, dict):
            raise _refused(gettext_noop("A checklist is a mapping with the key “sections”."))
        listed = data.get("sections") or []
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise _refused(gettext_noop("“sections” is a list of mappings."))
        self._refuse_too_many(listed)
        self._leave_out(data, {"sections", "introduction", "passes_at"}, "")
        self._claim_keys(listed)
        sections = [self._section(one, number) for number, one in enumerate(listed, start=1)]
        self.place = ""
        introduction = self._long(data, "introduction")
        passes_at = self._whole(data, "passes_at", 0, 100, None)
        checklist = Checklist(numbered(sections), introduction, passes_at)
        self._check_conditions(checklist)
        if self.problems:
            raise ChecklistRefused(self.problems[:MAX_PROBLEMS])
        return checklist, list(dict.fromkeys(self.removed))

    def _refuse_too_many(self, listed: list[dict[str, Any]]) -> None:
        if len(listed) > MAX_SECTIONS:
            raise _refused(gettext_noop("A checklist has at most %(limit)d sections.", limit=MAX_SECTIONS))
        count = sum(len(one["questions"]) for one in listed if isinstance(one.get("questions"), list))
        if count > MAX_QUESTIONS:
            raise _refused(
                gettext_noop(
                    "The checklist has %(count)d questions; at most %(limit)d are kept. Split it into several.",
                    count=count,
                    limit=MAX_QUESTIONS,
                )
            )

    def _claim_keys(self, listed: list[dict[str, Any]]) -> None:
        """Note the keys that are there, so that none is given out a second time."""
        for number, section in enumerate(listed, start=1):
            self._claim(section, str(number))
            questions = section.get("questions") or []
            for count, question in enumerate(questions if isinstance(questions, list) else [], start=1):
                if isinstance(question, dict):
                    self._claim(question, f"{number}.{count}")

    def _claim(self, holder: dict[str, Any], place: str) -> None:
        key = holder.get("key")
        if key in (None, ""):
            return
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self._add(place, gettext_noop("A key has letters, digits, dots and hyphens, at most 120."), "key")
        elif key in self.taken:
            said = gettext_noop("The key “%(key)s” is used already at %(place)s.", key=key, place=self.places[key])
            self._add(place, said, "key")
        else:
            self.taken.add(key)
            self.places[key] = place

    def _section(self, data: dict[str, Any], number: int) -> Section:
        self.place = str(number)
        self._leave_out(data, {"key", "title", "questions"}, self.place)
        title = self._line(data, "title", 200)
        if not title:
            self._add(self.place, gettext_noop("Enter the title of the section."), "title")
        questions = data.get("questions") or []
        if not isinstance(questions, list) or not all(isinstance(one, dict) for one in questions):
            self._add(self.place, gettext_noop("“questions” is a list of mappings."))
            questions = []
        key = data.get("key") or fresh_key(self.taken, "s-", title)
        read = [self._question(one, f"{number}.{count}") for count, one in enumerate(questions, start=1)]
        return Section(str(key), title, tuple(read))

    def _question(self, data: dict[str, Any], place: str) -> Question:
        self.place = place
        self._leave_out(data, _QUESTION_KEYS, place)
        text = self._line(data, "text", MAX_TEXT)
        if not text:
            self._add(place, gettext_noop("Enter the question."), "text")
        sort = data.get("type") or "yes_no"
        if not isinstance(sort, str) or sort not in TYPES:
            said = gettext_noop("There is no type of question “%(type)s”.", type=str(sort)[:40])
            self._add(place, said, "type")
            sort = "yes_no"
        question = Question(
            key=str(data.get("key") or fresh_key(self.taken, "q-", text)),
            type=sort,
            text=text,
            guidance=self._guidance(data),
            allows_na=self._flag(data, "na", True) and sort not in ("text", "signature"),
            is_critical=self._flag(data, "critical", False),
            weight=self._weight(data),
            requirement=self._line(data, "requirement", 320),
            step=self._target(data, "step"),
            element=self._target(data, "element"),
            show_if=self._show_if(data),
        )
        question = _OF_TYPE.get(sort, lambda _reader, _data, read: read)(self, data, question)
        if question.is_critical and not question.is_scored:
            said = gettext_noop("Critical can only be what conforms or not: give it limits or another type.")
            self._add(place, said, "critical")
        return question

    def _choice(self, data: dict[str, Any], question: Question) -> Question:
        listed = data.get("options") or []
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            self._add(self.place, gettext_noop("“options” is a list of mappings."), "options")
            return question
        if not 2 <= len(listed) <= MAX_OPTIONS:
            self._add(self.place, gettext_noop("Enter 2 to %(limit)d options.", limit=MAX_OPTIONS), "options")
        keys = {str(one.get("key")) for one in listed if one.get("key")}
        options = []
        for one in listed[:MAX_OPTIONS]:
            label = self._line(one, "label", 200)
            conforms = one.get("conforms")
            if not label:
                self._add(self.place, gettext_noop("Enter the words of each option."), "options")
            if not (conforms is None or isinstance(conforms, bool)):
                self._add(self.place, gettext_noop("Whether an option conforms is true, false or null."), "options")
            key = str(one.get("key") or fresh_key(keys, "o-", label))
            if not _KEY.fullmatch(key) or key == NA:
                self._add(
                    self.place, gettext_noop("“%(key)s” cannot be the key of an option.", key=key[:40]), "options"
                )
            options.append(Option(key, label, conforms if isinstance(conforms, bool) else None))
        if len({one.key for one in options}) < len(options) or len({one.label for one in options}) < len(options):
            self._add(self.place, gettext_noop("Two options are the same."), "options")
        return replace(question, options=tuple(options))

    def _score(self, data: dict[str, Any], question: Question) -> Question:
        low = self._whole(data, "score_min", 0, MAX_SCORE, 0)
        high = self._whole(data, "score_max", 1, MAX_SCORE, 5)
        passes = self._whole(data, "score_passes", 0, MAX_SCORE, min(max(3, low or 0), high or 0))
        if low is None or high is None or passes is None:
            return question
        if low >= high:
            self._add(self.place, gettext_noop("The highest score must be above the lowest."), "score_max")
        elif not low <= passes <= high:
            said = gettext_noop("The score that conforms lies between %(low)d and %(high)d.", low=low, high=high)
            self._add(self.place, said, "score_passes")
        return replace(question, score_min=low, score_max=high, score_passes=passes)

    def _number(self, data: dict[str, Any], question: Question) -> Question:
        low, high = self._decimal(data, "min"), self._decimal(data, "max")
        if low is not None and high is not None and low > high:
            self._add(self.place, gettext_noop("The upper limit must not be below the lower one."), "max")
        return replace(question, minimum=low, maximum=high, unit=self._line(data, "unit", 20))

    def _sample(self, data: dict[str, Any], question: Question) -> Question:
        size = self._whole(data, "sample_size", 1, MAX_SAMPLE, 1) or 1
        of = self._whole(data, "sample_of", 0, MAX_SAMPLE, 0) or 0
        if of and of < size:
            self._add(self.place, gettext_noop("A sample cannot be larger than what it is taken from."), "sample_of")
        return replace(question, sample_size=size, sample_of=of)

    # --- single values --------------------------------------------------------------------------------

    def _guidance(self, data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        given = data.get("guidance") or {}
        if not isinstance(given, dict):
            self._add(self.place, gettext_noop("“guidance” is a mapping."), "guidance")
            return ()
        self._leave_out(given, set(GUIDANCE), self.place)
        texts = ((name, self._long(given, name)) for name in GUIDANCE)
        return tuple((name, text) for name, text in texts if text)

    def _target(self, data: dict[str, Any], name: str) -> Target:
        given = data.get(name)
        if not given:
            return Target()
        if not isinstance(given, dict):
            self._add(self.place, gettext_noop("“%(name)s” is a mapping with document and key.", name=name), name)
            return Target()
        return Target(self._line(given, "document", 80), self._line(given, "key", 255))

    def _show_if(self, data: dict[str, Any]) -> ShowIf | None:
        given = data.get("show_if")
        if not given:
            return None
        if not isinstance(given, dict) or not given.get("question"):
            self._add(self.place, gettext_noop("“show_if” is a mapping with question and values."), "show_if")
            return None
        values = given.get("values")
        values = values if isinstance(values, list) else [values]
        texts = tuple(dict.fromkeys(self._text(value)[:200] for value in values if self._text(value)))
        if not texts:
            self._add(self.place, gettext_noop("Choose the answers that show this question."), "show_if")
            return None
        return ShowIf(self._text(given["question"])[:120], texts)

    def _weight(self, data: dict[str, Any]) -> Decimal:
        weight = self._decimal(data, "weight")
        if weight is None:
            return Decimal(1)
        if not 0 < weight <= MAX_WEIGHT:
            said = gettext_noop("A weight is above 0 and at most %(limit)s.", limit=MAX_WEIGHT)
            self._add(self.place, said, "weight")
            return Decimal(1)
        return weight

    def _decimal(self, data: dict[str, Any], name: str) -> Decimal | None:
        given = data.get(name)
        text = "" if isinstance(given, bool | dict | list) or given is None else str(given).strip()
        if given is None or text == "":
            return None
        text = text.replace("\u2212", "-").replace(",", ".")
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
        said = gettext_noop("Enter a number without its unit, for example 5.4. The unit has a field of its own.")
        self._add(self.place, said, name)
        return None

    def _whole(self, data: dict[str, Any], name: str, low: int, high: int, usual: int | None) -> int | None:
        given = data.get(name)
        if given is None or given == "":
            return usual
        text = "" if isinstance(given, bool) else str(given).strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and low <= int(text) <= high):
            said = gettext_noop("Enter a whole number from %(low)d to %(high)d.", low=low, high=high)
            self._add(self.place, said, name)
            return usual
        return int(text)

    def _flag(self, data: dict[str, Any], name: str, usual: bool) -> bool:
        given = data.get(name, usual)
        if not isinstance(given, bool):
            self._add(self.place, gettext_noop("“%(name)s” is true or false.", name=name), name)
            return usual
        return given

    def _line(self, data: Mapping[str, Any], name: str, limit: int) -> str:
        text = one_line(self._text(data.get(name)))
        if len(text) > limit:
            self._add(self.place, gettext_noop("Enter at most %(limit)d characters.", limit=limit), name)
        return text[:limit]

    def _long(self, data: Mapping[str, Any], name: str) -> str:
        text = _UNSEEN.sub("", self._text(data.get(name)).replace("\r\n", "\n")).strip()
        if len(text) > MAX_GUIDANCE:
            self._add(self.place, gettext_noop("Enter at most %(limit)d characters.", limit=MAX_GUIDANCE), name)
        return text[:MAX_GUIDANCE]

    def _text(self, value: Any) -> str:
        if value is None or isinstance(value, bool | dict | list):
            return ""
        return str(value).encode(errors="replace").decode()

    def _leave_out(self, data: Mapping[str, Any], known: set[str], place: str) -> None:
        for name in data:
            if name not in known:
                self.removed.append(gettext_noop("the unknown entry “%(name)s”", name=str(name)[:40]))

    def _add(self, place: str, message: Said, field: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(place, message, field))

    # --- conditions -----------------------------------------------------------------------------------

    def _check_conditions(self, checklist: Checklist) -> None:
        order = {key: place for place, key in enumerate(checklist.questions)}
        for question in checklist.questions.values():
            if question.show_if is None:
                continue
            asked = checklist.questions.get(question.show_if.question)
            if asked is None:
                said = gettext_noop("It depends on a question that is not there. Choose another.")
            elif _is_circular(question, checklist.questions):
                said = gettext_noop(
                    "It depends on itself: the conditions go in a circle over %(number)s.", number=asked.number
                )
            elif order[asked.key] > order[question.key]:
                said = gettext_noop(
                    "It depends on %(number)s, which comes later. Move one of them.", number=asked.number
                )
            elif unknown := set(question.show_if.values) - possible_values(asked):
                said = gettext_noop(
                    "“%(value)s” is no answer to %(number)s.", value=sorted(unknown)[0], number=asked.number
                )
            else:
                continue
            self._add(question.number, said, "show_if")


def possible_values(question: Question) -> set[str]:
    """The answers on which another question may depend; none for free texts and numbers."""
    values: set[str] = {NA} if question.allows_na else set()
    if question.type == "yes_no":
        values |= {"yes", "no"}
    elif question.type == "choice":
        values |= {option.key for option in question.options}
    elif question.type == "score":
        values |= {str(score) for score in range(question.score_min, question.score_max + 1)}
    elif question.type in ("number", "sample"):
        values |= {"passed", "failed"}
    return values


def _is_circular(question: Question, questions: Mapping[str, Question]) -> bool:
    seen: set[str] = set()
    at: Question | None = question
    while at is not None and at.show_if is not None and at.key not in seen:
        seen.add(at.key)
        at = questions.get(at.show_if.question)
    return at is not None and at.key == question.key


_OF_TYPE: dict[str, Callable[[_Reader, dict[str, Any], Question], Question]] = {
    "choice": _Reader._choice,
    "score": _Reader._score,
    "number": _Reader._number,
    "sample": _Reader._sample,
}
