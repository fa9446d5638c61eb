"""The kinds of written procedure: policies, SOPs, work instructions, forms. All hold sanitised HTML."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.safe.html import (
    ContentTooLarge,
    blocks_of,
    clean,
    ensure_step_keys,
    outline,
    refuse_too_long,
    text_of,
    words_only,
)
from documents.kinds import Compared, Kind, PartOf, register_kind

Comparing = Callable[[Any, Any, Any, bool], Compared]
MEDIA_TYPE = "text/html"
WRITE = "sops.write_procedure"
PROCEDURES = frozenset({"policy", "sop", "instruction", "form"})


def clean_body(data: bytes) -> tuple[bytes, list[str]]:
    """What is stored of what was sent: allowed HTML in which every step has its key; and what was removed."""
    cleaned = clean(data.decode("utf-8", errors="replace"))
    keyed = ensure_step_keys(cleaned.html)
    # A "<" is written as four signs and each step has got a key. What is stored is cleaned again when it is shown.
    refuse_too_long(keyed)
    return keyed.encode(), [str(said) for said in cleaned.removed]


def body_html(data: bytes) -> str:
    """The stored HTML."""
    return data.decode()


def body_text(data: bytes) -> str:
    """The visible words, a line for each block."""
    return text_of(data.decode())


def body_blocks(data: bytes) -> list[str]:
    """The visible words block by block, for compare."""
    return blocks_of(data.decode())


def render_body(data: bytes) -> str:
    """HTML that is safe to show: cleaned again, because the rules may be stricter than when it was stored."""
    try:
        return clean(data.decode()).html
    except ContentTooLarge:  # stored before this was refused
        return words_only(data.decode())


def body_parts(data: bytes) -> list[PartOf]:
    """The steps: what maps, findings and training point at."""
    steps = (entry for entry in outline(data.decode()) if entry.kind == "step" and entry.key)
    return [PartOf(entry.key, entry.title, "step") for entry in steps]


def _procedure(
    key: str,
    label: str,
    plural: str,
    prefix: str,
    order: int,
    review_months: int = 24,
) -> Kind:
    return Kind(
        key=key,
        label=label,
        plural=plural,
        prefix=prefix,
        icon="doc",
        write_permission=WRITE,
        media_type=MEDIA_TYPE,
        empty_content=b"",
        clean=clean_body,
        text=body_text,
        blocks=body_blocks,
        render=render_body,
        parts=body_parts,
        edit_template="sops/_edit_body.html",
        file_ending=".html",
        content_label=_("Text of the procedure"),
        order=order,
        review_months=review_months,
    )


PROCEDURE = _procedure("sop", _("SOP"), _("SOPs"), "SOP", 20)


def register_kinds(comparing: Comparing) -> None:
    """Make the four kinds known to document control; ``comparing`` shows the redline of two versions."""
    for kind in (
        _procedure("policy", _("Policy"), _("Policies"), "POL", 10, review_months=36),
        PROCEDURE,
        _procedure("instruction", _("Work instruction"), _("Work instructions"), "WI", 30),
        _procedure("form", _("Form"), _("Forms"), "FRM", 40),
    ):
        register_kind(replace(kind, comparing=comparing))
