"""Sending reports: found due, claimed as a row, rendered by a worker for each person, mailed once, kept with hashes."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.catalog import entry_of
from core.jobs import Work, runs
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry, Job, OutboxMessage
from core.notices import tell
from core.outbox import Attached, attaches, post_mail
from core.rhythm import zone_named
from core.safe.words import gettext_noop
from kpis.models import Kpi, Report, ReportDelivery, ReportFile, ReportRun
from kpis.report_content import ReportContent, content_of, period_of
from kpis.report_files import PDF, XLSX, pdf_of, workbook_of
from people.models import Person

KIND = "kpis.report"
KEY = "report:"  # beginning of the keys of its mails
Outcome = ReportDelivery.Outcome


# --- when --------------------------------------------------------------------------------------------------


def send_due(now: datetime | None = None) -> int:
    """Claim every report whose moment has come, each once; returns how many. After an outage only the last of the
    moments that were missed counts, and nobody gets last week's reports in a row."""
    now = now or timezone.now()
    claimed = 0
    while True:
        with transaction.atomic():
            report = Report.objects.due(now).select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
            if report is None:
                return claimed
            due_at = _last_missed(report, now)
            report.plan_next(now)
            Report.objects.filter(pk=report.pk).update(next_due_at=report.next_due_at)
            claimed += _begin(report, due_at, by=None) is not None


def _last_missed(report: Report, now: datetime) -> datetime:
    """The newest moment of its schedule until now."""
    due_at, schedule = report.next_due_at, report.schedule
    while schedule and (following := schedule.next_after(due_at)) and following <= now:
        due_at = following
    return due_at


def send_now(report: Report, *, by: Any) -> ReportRun:
    """Send the report to its recipients at once, whether or not anything changed."""
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report.pk)
        if not by.has_perm(Report.permission("change"), report):
            raise NotAllowed(_t("Only the owner and process officers send this report."))
        if not recipients_of(report):
            raise Refused(_t("Nobody gets this report yet. Choose recipients first."))
        waiting = report.runs.filter(state=ReportRun.State.WAITING, asked_by=by).first()
        run = waiting or _begin(report, timezone.now(), by=by)
        record_line(report, "report_sent_now", by=by)
    return run


def retry(run: ReportRun, *, by: Any) -> None:
    """Let a failed sending go on where it stopped; who has it already gets nothing again."""
    with transaction.atomic():
        run = ReportRun.objects.select_for_update(no_key=True).select_related("report").get(pk=run.pk)
        if not by.has_perm(Report.permission("change"), run.report):
            raise NotAllowed(_t("Only the owner and process officers send this report."))
        if run.state != ReportRun.State.FAILED:
            raise Refused(_t("This sending did not fail."))
        run.state, run.message, run.finished_at = ReportRun.State.WAITING, "", None
        run.job = jobs.ask(KIND, by=by, run=run.pk)
        run.save()


def _begin(report: Report, due_at: datetime, *, by: Any) -> ReportRun | None:
    """Claim an occasion and ask a worker; None where somebody claimed it already."""
    day = due_at.astimezone(zone_named(report.time_zone)).date()
    run, is_new = ReportRun.objects.get_or_create(
        report=report, due_at=due_at, defaults={"period": period_of(report, day), "asked_by": by}
    )
    if not is_new:
        return None
    run.job = jobs.ask(KIND, by=by, run=run.pk)
    run.save(update_fields=["job"])
    return run


def recipients_of(report: Report) -> list[Person]:
    """Who gets it: the people named, and who holds a job role named, in a stable order."""
    people = {person.pk: person for person in report.recipients.all()}
    for person in Person.objects.active().filter(job_roles__in=report.recipient_roles.all()):
        people.setdefault(person.pk, person)
    return [people[pk] for pk in sorted(people)]


# --- what each person gets ---------------------------------------------------------------------------------


def _tell(job: Job) -> None:
    """Mark what failed, and tell who has to know."""
    if job.state == Job.State.DONE:
        return
    run = ReportRun.objects.select_related("report__owner").get(pk=job.arguments["run"])
    run.state, run.message, run.finished_at = (
        ReportRun.State.FAILED,
        job.message or _t("It was stopped."),
        timezone.now(),
    )
    run.save(update_fields=["state", "message", "finished_at"])
    people = [person for person in {run.asked_by, run.report.owner} if person]
    text = gettext_noop(
        "The report %(code)s could not be sent: %(title)s", code=run.report.code, title=run.report.title
    )
    address = run.report.get_absolute_url()
    tell(people, "jobs", text, occasion=f"report:{run.pk}:{job.pk}", url=address, entry=entry_of(run.report))


@runs(KIND, label=_("KPI report"), tell=_tell)
def send_run(work: Work) -> dict[str, Any]:
    """Render and mail one sending, person by person. Who has theirs already is left out, so a worker that is killed
    repeats nothing."""
    run = ReportRun.objects.select_related("report").get(pk=work.arguments["run"])
    people = recipients_of(run.report)
    served = set(run.deliveries.values_list("person", flat=True))
    rendered: dict[str, tuple[ReportFile, ReportFile]] = {}
    for number, person in enumerate(people, start=1):
        if person.pk not in served:
            _deliver(run, person, rendered)
        work.step(number, len(people))
    ReportRun.objects.filter(pk=run.pk).update(state=ReportRun.State.DONE, finished_at=timezone.now(), message="")
    return {"url": run.report.get_absolute_url()}


def _deliver(run: ReportRun, person: Person, rendered: dict[str, tuple[ReportFile, ReportFile]]) -> None:
    """Send one person what they may see now; the row and the mail are one transaction."""
    try:
        with transaction.atomic():
            _write_delivery(run, person, rendered)
    except IntegrityError:
        if not run.deliveries.filter(person=person).exists():
            raise


def _write_delivery(run: ReportRun, person: Person, rendered: dict[str, tuple[ReportFile, ReportFile]]) -> None:
    delivery = ReportDelivery(run=run, person=person)
    if not person.is_active:
        delivery.outcome = Outcome.LEFT
        delivery.save(force_insert=True)
        return
    with translation.override(person.language), timezone.override(zone_named(person.time_zone)):
        content = content_of(run.report, person, run.period)
        delivery.kpi_ids, delivery.content_hash = content.kpi_ids, content.content_hash()
        delivery.outcome = _outcome(run, person, content, delivery.content_hash)
        if delivery.outcome == Outcome.SENT:
            if delivery.content_hash not in rendered:
                rendered[delivery.content_hash] = (keep(pdf_of(content), PDF), keep(workbook_of(content), XLSX))
            delivery.pdf, delivery.workbook = rendered[delivery.content_hash]
        delivery.save(force_insert=True)
        if delivery.outcome == Outcome.SENT:
            _mail(run, person, content, delivery)


def _outcome(run: ReportRun, person: Person, content: ReportContent, content_hash: str) -> str:
    if not content.pages:
        return Outcome.NO_ACCESS
    if run.report.only_if_changed and run.asked_by_id is None:
        sent = ReportDelivery.objects.filter(run__report=run.report, person=person, outcome=Outcome.SENT)
        last = sent.order_by("-pk").values_list("content_hash", flat=True).first()
        if last == content_hash:
            return Outcome.UNCHANGED
    return Outcome.SENT


def keep(data: bytes, media_type: str) -> ReportFile:
    """Store a file once by its hash."""
    digest = ReportFile.digest_of(data)
    file, _made = ReportFile.objects.get_or_create(sha256=digest, defaults={"data": data, "media_type": media_type})
    return file


def _mail(run: ReportRun, person: Person, content: ReportContent, delivery: ReportDelivery) -> None:
    entries = CatalogEntry.objects.filter(
        content_type__app_label="kpis", content_type__model="kpi", object_id__in=content.kpi_ids
    )
    address = reverse("kpis:kpi-report-delivery", args=[run.report.code, delivery.pk])
    context = {"person": person, "content": content, "address": f"{settings.PORTAL_BASE_URL}{address}"}
    post_mail(
        person,
        _t("%(title)s, %(period)s") % {"title": content.title, "period": content.period_words},
        render_to_string("kpis/report_mail.txt", context),
        render_to_string("kpis/report_mail.html", context),
        key=f"{KEY}{delivery.pk}",
        entries=list(entries.values_list("pk", flat=True)),
    )


@attaches(KEY)
def files_of_mail(message: OutboxMessage) -> list[Attached]:
    """PDF and workbook of one delivery, when its mail leaves."""
    pk = message.key.removeprefix(KEY)
    deliveries = ReportDelivery.objects.select_related("pdf", "workbook", "run__report")
    delivery = deliveries.filter(pk=pk, outcome=Outcome.SENT).first() if pk.isdecimal() else None
    if delivery is None:
        return []
    return [attached(delivery, form) for form in ("pdf", "xlsx")]


def attached(delivery: ReportDelivery, form: str) -> Attached:
    """One file of a delivery."""
    file = delivery.pdf if form == "pdf" else delivery.workbook
    report = delivery.run.report
    address = reverse("kpis:kpi-report-file", args=[report.code, delivery.pk, form])
    return Attached(f"{report.code} {delivery.run.period:%Y-%m-%d}.{form}", file.media_type, bytes(file.data), address)


def may_open(person: Any, delivery: ReportDelivery) -> bool:
    """Whether the person may see everything that this delivery speaks of, now."""
    wanted = set(delivery.kpi_ids)
    return Kpi.objects.visible_to(person).filter(pk__in=wanted).count() == len(wanted)


def mails_of(deliveries: list[ReportDelivery]) -> dict[int, OutboxMessage]:
    """The mail of each delivery, by its key; what failed is said there."""
    keys = {f"{KEY}{delivery.pk}": delivery.pk for delivery in deliveries}
    mails = OutboxMessage.objects.filter(key__in=keys).defer("text", "html")
    return {keys[mail.key]: mail for mail in mails}
