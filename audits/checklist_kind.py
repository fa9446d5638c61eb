"""The kind of document that holds a checklist: JSON, cleaned by the schema; its questions are its parts."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from audits.checklist_targets import shown_checklist
from audits.checklists.comparing import compare_checklists, lines_of
from audits.checklists.questions import GUIDANCE, Checklist, Question
from audits.checklists.schema import ChecklistRefused, as_bytes, clean_checklist, read_checklist
from audits.views.checklists import edit_checklist
from core.saying import in_words
from documents.compare import compare_blocks
from documents.kinds import Compared, ContentRefused, Kind, PartOf, register_kind
from documents.models import Version

KEY = "checklist"
WRITE = "audits.write_checklist"
SHOWN = 5  # problems that are named at once


def clean_content(data: bytes) -> tuple[bytes, list[str]]:
    """The canonical bytes of a checklist, and in words what was left out."""
    if not data.strip():
        return b"", []
    try:
        checklist, removed = clean_checklist(data)
    except ChecklistRefused as refused:
        said = [f"{one.place}: {in_words(one.message)}".removeprefix(": ") for one in refused.problems[:SHOWN]]
        raise ContentRefused(" ".join(said)) from refused
    return as_bytes(checklist), [in_words(one) for one in removed]


def words_of(data: bytes) -> str:
    """The visible words, a line for each section, question and guidance."""
    return "\n".join(blocks_of(data))


def blocks_of(data: bytes) -> list[str]:
    """Introduction, titles of sections and questions with their guidance, one string each."""
    checklist = read_checklist(data)
    blocks = [checklist.introduction] if checklist.introduction else []
    for section in checklist.sections:
        blocks.append(section.title)
        for question in section.questions:
            blocks += [question.text, *(text for _name, text in question.guidance)]
            blocks += [option.label for option in question.options]
    return blocks


def parts_of(data: bytes) -> list[PartOf]:
    """The questions, in order; their type is the part's."""
    return [PartOf(one.key, one.text, one.type) for one in read_checklist(data).questions.values()]


def is_empty(data: bytes) -> bool:
    return not read_checklist(data).questions


def draw(data: bytes) -> str:
    """The checklist on paper and for programs: without links, because who reads it is not known."""
    return render_to_string("audits/_checklist_paper.html", {"checklist": read_checklist(data), "guides": GUIDANCE})


def reading(request: HttpRequest, version: Version) -> str:
    """The checklist as people read it, with what its questions point at."""
    checklist = read_checklist(version.body_bytes())
    context = shown_checklist(checklist, request.user)
    return render_to_string("audits/_checklist_reading.html", context, request=request)


def comparing(request: HttpRequest, before: Version, after: Version, only_changes: bool) -> Compared:
    """What changed, question by question, with the words that differ."""
    old, new = read_checklist(before.body_bytes()), read_checklist(after.body_bytes())
    rows = []
    for difference in compare_checklists(old, new):
        if difference.kind == "same" and only_changes:
            continue
        lines = compare_blocks(_lines(difference.before), _lines(difference.after))
        rows.append(
            (difference, [block for block in lines.blocks if difference.kind != "edit" or block.kind != "same"])
        )
    facts = compare_blocks(_facts(old), _facts(new))
    changes = sum(difference.kind != "same" for difference, _blocks in rows) + facts.changes
    context = {"rows": rows, "facts": facts if facts.changes else None}
    html = render_to_string("audits/_checklist_compared.html", context, request=request)
    return Compared(mark_safe(html), changes)  # noqa: S308 - a template escaped it


def _lines(question: Question | None) -> list[str]:
    return lines_of(question) if question else []


def _facts(checklist: Checklist) -> list[str]:
    facts = [checklist.introduction] if checklist.introduction else []
    facts += [f"Passes at {checklist.passes_at} %"] if checklist.passes_at is not None else []
    return facts + [section.title for section in checklist.sections]


def editing(request: HttpRequest, version: Version) -> HttpResponse:
    """The page made for editing a checklist."""
    return edit_checklist(request, version)


CHECKLIST = Kind(
    key=KEY,
    label=_("Checklist"),
    plural=_("Checklists"),
    prefix="CL",
    icon="clipboard",
    write_permission=WRITE,
    media_type="application/json",
    empty_content=b"",
    clean=clean_content,
    text=words_of,
    blocks=blocks_of,
    render=draw,
    parts=parts_of,
    is_empty=is_empty,
    reading=reading,
    editing=editing,
    comparing=comparing,
    file_ending=".json",
    content_label=_("Questions"),
    order=60,
)


def register_checklists() -> None:
    """Make the kind known to document control."""
    register_kind(CHECKLIST)
