"""A version as PDF: cover, running head, content, signatures. Made by a worker and kept with its hash."""

import re
from io import BytesIO
from typing import Any

import pypdf
import segno
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.attachments import SHOWN_IN_PAGES
from core.catalog import entry_of
from core.jobs import Work, runs
from core.lifecycle import Refused
from core.models import Attachment, Job
from core.organisation import organisation_name
from core.safe.pdf import Margins, Paper, Picture, render_pdf
from core.state_labels import state_label
from documents.kinds import PaperContent
from documents.models import Appendix, Decision, Rendition, Route, RouteStep, Version

KIND = "documents.pdf"
_PICTURE = re.compile(r"^/attachments/([0-9a-fA-F-]{36})/")


def ask_for_pdf(version: Version, *, by: Any) -> Job:
    """Have the PDF made in the person's language; the same wish that still waits is not asked for twice."""
    if version.is_file:
        raise Refused(_t("This version is a file. Download it instead."))
    wish = {"version": version.pk, "language": translation.get_language() or "en"}
    with transaction.atomic():
        Version.objects.select_for_update(no_key=True).get(pk=version.pk)
        waiting = Job.objects.filter(kind=KIND, asked_by=by, arguments=wish)
        waiting = waiting.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
        return waiting.first() or jobs.ask(KIND, by=by, **wish)


@runs(KIND, label=_("PDF of a document"))
def make_pdf(work: Work) -> dict[str, Any]:
    """Draw the PDF unless one is there that still says what is true."""
    version = Version.objects.visible_to(work.by).filter(pk=work.arguments["version"]).first()
    if version is None:
        raise Refused(_t("There is no such record, or you may not see it."))
    language = work.arguments["language"]
    with translation.override(language):
        if Rendition.current(version, language) is None:
            data = render_version(version)
            pages = len(pypdf.PdfReader(BytesIO(data)).pages)
            Rendition.keep(version, language=language, data=data, pages=pages, by=work.by)
    return {"url": reverse("documents:pdf", args=[version.document.code, version.sequence])}


def render_version(version: Version) -> bytes:
    """The PDF of a version that is not a file, in the active language."""
    document = version.document
    content = _content(version)
    number = _t("Version %(number)s") % {"number": version.number} if version.number else _t("Draft")
    state = str(state_label(version.shown_state).word)
    since = version.shown_state == "effective" and formats.date_format(version.effective_on)
    printed = formats.date_format(timezone.localtime(), "DATETIME_FORMAT")
    context = {
        "version": version,
        "document": document,
        "organisation": organisation_name(),
        "number": number,
        "state": state,
        "content": content.html,
        "decisions": _approvals(version),
        "skipped": _skipped(version),
        "appendices": Appendix.objects.filter(version=version).select_related("attachment"),
        "qr": _qr_code(version),
        "printed": printed,
        "is_current": version.shown_state == "effective",
    }
    paper = Paper(
        title=f"{version.code} {version.title}",
        html=SafeString(render_to_string("documents/pdf.html", context)),
        margins=Margins(
            top_left=" · ".join(part for part in (organisation_name(), document.code, number) if part),
            top_right=_t("Effective from %(day)s") % {"day": since} if since else state,
            bottom_left=_t("Uncontrolled when printed") + f" · {printed}",
        ),
        is_landscape=content.is_landscape,
        extra_css=content.css,
    )
    return render_pdf(paper, _pictures_of(version))


def _content(version: Version) -> PaperContent:
    kind = version.document.kind_of
    if kind.paper:
        return kind.paper(version)
    return PaperContent(mark_safe(kind.render(version.body_bytes())))  # noqa: S308 - Kind.render promises safe HTML


def _skipped(version: Version) -> list[RouteStep]:
    """Steps of the approval route that were skipped, with their reasons."""
    route = version.route()
    return route.skipped_steps() if route else []


def _approvals(version: Version) -> list[Decision]:
    """The approvals that released this very content, in the order in which they were given."""
    last = Route.objects.filter(version=version).order_by("-id").values("pk")[:1]
    found = Decision.objects.filter(
        seat__step__route__in=last, verdict=Decision.Verdict.APPROVE, manifest_hash=version.manifest_hash
    )
    return list(found.select_related("by", "on_behalf_of").order_by("decided_at"))


def _qr_code(version: Version) -> SafeString:
    address = settings.PORTAL_BASE_URL + reverse("documents:page", args=[version.document.code])
    svg = segno.make(address, error="m").svg_inline(scale=3, border=1, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by the library from our own address


def _pictures_of(version: Version) -> Any:
    """Pictures of the document itself by their address; those of other records leave a gap."""
    files = Attachment.objects.filter(entry=entry_of(version.document), media_type__in=SHOWN_IN_PAGES)
    pictures = {str(one.pk): one for one in files}

    def find(address: str) -> Picture | None:
        match = _PICTURE.match(address)
        kept = pictures.get(match[1].lower()) if match else None
        if kept is None:
            return None
        with kept.file.open("rb") as file:
            return Picture(file.read(), kept.media_type)

    return find
