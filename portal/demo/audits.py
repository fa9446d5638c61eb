"""The demo's audits: one closed with a signed report, one running; five findings in different states, and actions."""

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from actions.models import Action
from audits.answering import save_answer
from audits.asked import checklist_of
from audits.evidence import add_photo, add_record
from audits.models import Audit, Finding, Grade
from audits.planning import finish_answering, plan_audit, start_audit
from audits.reporting import freeze, sign_report
from audits.writing_findings import finding_from_question, write_finding
from core.signing import Signature
from documents.models import Document
from people.models import Person
from portal.demo import clock
from portal.demo.life import Life
from processes.models import Process

CLOSED, RUNNING = "Receiving cold goods, early shift", "Receiving cold goods, night shift"
LEAD, SECOND, OWNER = "auditor", "sian.evans", "amara.diallo"
FIRST, NOW = 55, 12  # days ago: when the two audits began
CHECKLIST = "CL-INB-001"


@dataclass
class Audits:
    """What happens in and after the two audits, in the order of its time."""

    life: Life

    def person(self, key: str) -> Person:
        """The person as a new request meets them: with the keys of that moment."""
        return Person.objects.get(pk=self.life.people[key].pk)

    def plan(self) -> None:
        for days_ago, hour, deed in (
            (FIRST + 5, 9, self.plan_first),
            (FIRST, 8, self.run_first),
            (FIRST - 2, 15, self.respond_first),
            (FIRST - 4, 10, self.report_first),
            (FIRST - 25, 11, self.finish_first_work),
            (FIRST - 27, 14, self.verify_first_work),
            (40, 10, self.find_by_hand),
            (NOW + 7, 9, self.plan_now),
            (NOW, 22, self.run_now),
            (NOW - 2, 13, self.respond_now),
            (NOW - 3, 16, self.start_work_now),
        ):
            # The last days are told as they are: moved off a weekend, the evening of one would come behind the next.
            is_recent = days_ago <= NOW + 7
            when = clock.exactly(clock.day(days_ago), hour) if is_recent else clock.moment(days_ago, hour)
            self.life.plan(when, deed)

    # --- the first audit -----------------------------------------------------------------------------

    def plan_first(self) -> None:
        self._plan(CLOSED, ["P2.1.1"], ends_in=10, criteria="Northfield cold chain requirements, edition 2")

    def run_first(self) -> None:
        audit = start_audit(self._audit(CLOSED), by=self.person(LEAD))
        self._answer(audit, SEEN_FIRST)

    def respond_first(self) -> None:
        major, minor = self._findings(CLOSED)
        self._agree(major, "The logger is read before the doors are opened; the bay screen asks for it.", 40,
                    cause="The reader hangs in the office, so it is fetched after the doors are open.")  # fmt: skip
        self._agree(minor, "Cards and a holder hang at each cold bay.", 30)
        major.plan_check(
            by=self.person(LEAD),
            what="No load opened before its logger is read, in 600 receipts.",
            on=timezone.localdate() + timedelta(days=270),
            judge=self.person("approver"),
        )
        self._act(major, "Hang a logger reader at each cold bay", "stuart.pell", 30)
        self._act(major, "Let the bay screen ask for the reading", "oliver.hart", 35)
        self._act(minor, "Hang yellow cards at each cold bay", "stuart.pell", 25)

    def report_first(self) -> None:
        audit = finish_answering(self._audit(CLOSED), by=self.person(LEAD))
        audit.summary = "Receipt is well led. The logger must come before the doors, and cards must be at hand."
        audit.save(by=self.person(LEAD), reason="summary")
        report = freeze(audit, by=self.person(LEAD))
        for key in (LEAD, OWNER):
            person = self.person(key)
            signature = Signature(person.pk, str(person), "password", timezone.now())
            sign_report(report, by=person, signature=signature, seen_hash=report.sha256)

    def finish_first_work(self) -> None:
        for action in self._actions(CLOSED):
            action.move(
                "complete", by=self.person(_key_of(self.life, action.owner)), evidence="Done and shown to the shift."
            )

    def verify_first_work(self) -> None:
        """With its last action verified the minor finding closes and the check of the major one begins."""
        for action in self._actions(CLOSED):
            action.move("verify", by=self.person(LEAD), comment="Seen on the dock on two shifts.")
        major, minor = self._findings(CLOSED)
        minor.move("close", by=self.person(LEAD), comment="Cards hang there and are used.")
        major.move("check", by=self.person(LEAD))

    def find_by_hand(self) -> None:
        """An observation outside of any audit, for which nothing needs to be done."""
        finding = write_finding(
            by=self.person(LEAD),
            title="Door curtain at bay 4 is torn",
            observation="The curtain at bay 4 is torn over half a metre. The bay is closed for the winter.",
            grade=Grade.objects.get(pk="observation"),
            owner=self.person("paul.brennan"),
            process=Process.objects.get(code="P2.2"),
        )
        finding.move("publish", by=self.person(LEAD))
        finding.move("no_action", by=self.person(LEAD), comment="The bay is rebuilt with a new door in spring.")

    # --- the audit of these days ---------------------------------------------------------------------------------

    def plan_now(self) -> None:
        self._plan(RUNNING, ["P2.1.1"], ends_in=26, criteria="Northfield cold chain requirements, edition 2")

    def run_now(self) -> None:
        audit = start_audit(self._audit(RUNNING), by=self.person(LEAD))
        self._answer(audit, SEEN_NOW, skip="unloading")

    def respond_now(self) -> None:
        first, *_others = self._findings(RUNNING)
        self._agree(first, "Held pallets are counted with their cards at each shift change.", 30)

    def start_work_now(self) -> None:
        """One action is late already, one has time."""
        first, *_others = self._findings(RUNNING)
        self._act(first, "Put a box of cards on every reach truck", "stuart.pell", 4)
        self._act(
            first, "Add held pallets to the list of the shift change", "amara.diallo", 20, priority=Action.Priority.HIGH
        )

    # --- deeds ------------------------------------------------------------------------------------------------

    def _plan(self, title: str, codes: list[str], *, ends_in: int, criteria: str) -> Audit:
        today = timezone.localdate()
        return plan_audit(
            by=self.person(LEAD),
            title=title,
            lead=self.person(LEAD),
            owner=self.person(OWNER),
            team=[self.person(SECOND)],
            overrides={self.person(SECOND).pk: "Only technician trained on the new loggers; answers for loggers only."},
            starts_on=today + timedelta(days=5),
            ends_on=today + timedelta(days=5 + ends_in),
            checklist=Document.objects.get(code=CHECKLIST),
            processes=Process.objects.filter(code__in=codes),
            criteria=criteria,
        )

    def _audit(self, title: str) -> Audit:
        return Audit.objects.get(title=title)

    def _findings(self, title: str) -> list[Finding]:
        return list(Finding.objects.filter(audit__title=title).order_by("pk"))

    def _actions(self, title: str) -> list[Action]:
        return [action for finding in self._findings(title) for action in finding.actions().select_related("owner")]

    def _answer(self, audit: Audit, seen: tuple["Seen", ...], skip: str = "") -> None:
        """Answer the questions in order but for one section; what was seen fails, with a photo and a finding."""
        lead, failing = self.person(LEAD), {one.question: one for one in seen}
        for question in checklist_of(audit.checklist_version).questions.values():
            if question.section != skip and question.key != "late-why":
                value = _answer_to(question, is_bad=question.key in failing)
                save_answer(audit, question.key, value, by=lead)
        add_record(audit, "booking", "FRM-QUA-001", by=lead, words="Receipts of the last week")
        for one in seen:
            photo = SimpleUploadedFile("dock.jpg", _picture(), "image/jpeg")
            add_photo(audit, one.question, photo, by=lead, words=one.title)
            finding_from_question(
                audit,
                one.question,
                by=lead,
                title=one.title,
                observation=one.observation,
                grade=Grade.objects.get(pk=one.grade),
                owner=self.person(OWNER),
            )

    def _agree(self, finding: Finding, response: str, days: int, cause: str = "") -> None:
        due_on = timezone.localdate() + timedelta(days=days)
        finding.commit(by=self.person(OWNER), response=response, due_on=due_on, cause=cause)
        finding.accept(by=self.person(LEAD), response=response, due_on=due_on)

    def _act(self, finding: Finding, title: str, owner: str, days: int, **facts: Any) -> Action:
        return Action.agree(
            by=self.person(LEAD),
            title=title,
            owner=self.person(owner),
            due_on=timezone.localdate() + timedelta(days=days),
            source=finding,
            **facts,
        )


@dataclass(frozen=True)
class Seen:
    """What did not conform: the question, and the finding that came of it."""

    question: str
    title: str
    observation: str
    grade: str


SEEN_FIRST = (
    Seen(
        "logger",
        "Logger read after the doors were opened",
        "Two of five loads were opened before the logger was read.",
        "major",
    ),
    Seen(
        "cards",
        "Pallets on hold without yellow cards",
        "Two pallets of lot 81-0440 stood on hold with one card each.",
        "minor",
    ),
)
SEEN_NOW = (
    Seen(
        "cards",
        "Pallet on hold without yellow card",
        "A pallet of lot 84-1127 stood on hold without any card.",
        "minor",
    ),
    Seen("wiped", "Probe not wiped between cases", "The probe went from case to case without being wiped.", "minor"),
)


def plan_audits(life: Life) -> None:
    """Let the audits happen; their checklist takes effect a week before the first of them."""
    Audits(life).plan()


def _key_of(life: Life, person: Person) -> str:
    return next(key for key, one in life.people.items() if one.pk == person.pk)


def _answer_to(question: Any, *, is_bad: bool) -> dict[str, str]:
    """An answer that conforms, or one that does not."""
    if question.type == "yes_no":
        return {"value": "no" if is_bad else "yes"}
    if question.type == "choice":
        good = next((one for one in question.options if one.conforms is not False), question.options[0])
        return {"value": good.key}
    if question.type == "number":
        low, high = question.minimum or 0, question.maximum or 10
        return {"value": format((low + high) / 2, "f")}
    if question.type == "score":
        return {"value": str(question.score_max)}
    if question.type == "sample":
        return {"checked": str(question.sample_size or 5), "conform": str(question.sample_size or 5)}
    return {"value": {"date": timezone.localdate().isoformat(), "photo": "yes"}.get(question.type, "As it should be")}


def _picture() -> bytes:
    """A drawn picture of a pallet beside a marked zone."""
    image = Image.new("RGB", (1200, 900), "#c9d2da")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 640, 1200, 900), fill="#8d949b")
    draw.rectangle((180, 330, 520, 650), fill="#b98e5a", outline="#5d4526", width=6)
    draw.rectangle((620, 240, 980, 650), fill="#b98e5a", outline="#5d4526", width=6)
    for left in range(0, 1200, 120):
        draw.rectangle((left, 730, left + 70, 752), fill="#c8352b")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
