"""Making the demo, once: all of it or nothing."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from core import ledger
from documents.reviewing import ask_for_due_reviews
from people.models import Department, Person
from portal.demo import clock
from portal.demo.audits import plan_audits
from portal.demo.documents import PLANS
from portal.demo.kpi_reports import plan_report, send_report
from portal.demo.kpis import judge_kpis, plan_kpis
from portal.demo.life import Life
from portal.demo.maps import plan_maps
from portal.demo.organisation import address_of, make_organisation
from portal.demo.processes import plan_processes
from portal.demo.reading import plan_reading
from portal.demo.requirements import plan_requirements
from portal.demo.sign_ins import Outcome
from portal.demo.today import make_today

FOUNDED = 1110  # days ago: the portal was set up before the first document was written


def make_demo(password: str) -> Outcome:
    """Make the organisation with its documents in an empty portal; never among somebody's own data."""
    known = Person.objects.filter(email=address_of("officer")).first()
    if known:
        _keep_password(known, password)
        return Outcome.THERE
    if Person.objects.exists() or Department.objects.exists():
        return Outcome.IN_USE
    with transaction.atomic():
        with clock.at(clock.moment(FOUNDED, 8)):
            people = make_organisation(password)
        life = Life(people, {department.code: department for department in Department.objects.all()})
        for plan in PLANS:
            life.plan_document(plan)
        plan_processes(life)
        plan_reading(life)
        plan_kpis(life)
        plan_report(life)
        plan_maps(life)
        plan_requirements(life)
        plan_audits(life)
        life.live()
        judge_kpis()
        make_today(people)
        send_report(people)
        ask_for_due_reviews()
        ledger.record_line(None, "demo_made", by=None)
    ledger.seal()
    return Outcome.MADE


def _keep_password(officer: Person, password: str) -> None:
    """The data may come from another installation (a restored backup): let the password that is printed be right."""
    if officer.check_password(password):
        return
    demo_people = Person.objects.filter(email__endswith="@" + officer.email.partition("@")[2])
    demo_people.update(password=make_password(password))
