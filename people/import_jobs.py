"""Taking over a table of people as long work: asked for on the page, done by a worker, gone on with after a fall."""

from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.jobs import Work, runs
from core.ledger import record_line
from core.lifecycle import Refused
from core.models import Job
from core.notices import tell
from core.safe.words import gettext_noop
from people.import_rows import Outcome
from people.importing import Plan, carry_out, make_plan
from people.models import PeopleImport

KIND = "people.import"
PROBLEMS_KEPT = 500


def ask(kept: PeopleImport, plan: Plan, *, by: Any) -> None:
    """Ask once for what the plan shows; a second press finds it asked for."""
    with transaction.atomic():
        kept = PeopleImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=kept.pk)
        if kept.applied_at or kept.is_working:
            return
        refused = [{"line": row.line, "email": row.email, "why": row.problems} for row in plan.rows if row.problems]
        # Told now: a try that goes on after a fall plans again and no longer sees what is done.
        kept.result |= {
            **plan.counts(),
            "left_people": [row.person.pk for row in plan.rows if row.outcome == Outcome.LEFT],
            "problems": refused[:PROBLEMS_KEPT],
        }
        kept.job = jobs.ask(KIND, by=by, kept=kept.pk, seen=plan.digest())
        kept.save(update_fields=["result", "job"])
        record_line(None, "people_import_asked", by=by, data={"file": kept.file_name, **plan.counts()})


def _tell(job: Job) -> None:
    """Tell who asked that it is over, however it ended."""
    kept = PeopleImport.objects.get(pk=job.arguments["kept"])
    words = {
        Job.State.DONE: gettext_noop("The people of %(file)s are taken over", file=kept.file_name),
        Job.State.CANCELLED: gettext_noop("Taking over the people of %(file)s was stopped", file=kept.file_name),
    }
    fallen = gettext_noop("Taking over the people of %(file)s did not work", file=kept.file_name)
    text = words.get(Job.State(job.state), fallen)
    if job.asked_by:
        tell([job.asked_by], "jobs", text, occasion=f"job:{job.pk}", url=kept.get_absolute_url())


@runs(KIND, label=_("Import of people"), tell=_tell)
def take_over(work: Work) -> dict[str, Any]:
    """Plan again, refuse what was not shown, and do it part by part."""
    kept = PeopleImport.objects.get(pk=work.arguments["kept"])
    # The reasons and the words yes and no are compared as the person saw them.
    with translation.override(work.by.language):
        plan = make_plan(kept.rows, by=work.by, others_left=kept.others_left)
        if "begun" not in work.cursor and plan.digest() != work.arguments["seen"]:
            raise Refused(_t("Something changed since you looked. Look again, then take it over."))
        reason = f"import of {kept.file_name}"
        before = work.cursor.get("done", 0)

        def step(done: int, total: int) -> None:
            work.step(before + done, before + total, begun=True, done=before + done)

        carry_out(plan, by=work.by, reason=reason, send_links=kept.send_links, step=step)
    with transaction.atomic():
        kept.applied_at, kept.rows = timezone.now(), []
        kept.save(update_fields=["applied_at", "rows"])
        record_line(None, "people_import_done", by=work.by, data={"file": kept.file_name})
    return {"url": kept.get_absolute_url()}
