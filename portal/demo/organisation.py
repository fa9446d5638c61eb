"""Northfield Logistics: its departments, job roles, people, groups and approval routes."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from core.ledger import record_line
from documents.models import KindSettings, RouteTemplate
from people.models import Department, JobRole, Person
from portal.demo.sign_ins import DOMAIN

LONDON, BERLIN = "Europe/London", "Europe/Berlin"

# Short name → name, and what it belongs to.
DEPARTMENTS = {
    "NFL": ("Northfield Logistics", ""),
    "OPS": ("Operations", "NFL"),
    "INB": ("Inbound", "OPS"),
    "OUT": ("Outbound", "OPS"),
    "INV": ("Inventory", "OPS"),
    "TRA": ("Transport", "OPS"),
    "QUA": ("Quality", "NFL"),
    "FIN": ("Finance", "NFL"),
    "PEO": ("People & culture", "NFL"),
    "IT": ("IT", "NFL"),
    "SIT": ("Site services", "NFL"),
}


@dataclass(frozen=True)
class Colleague:
    """One person of the demo; the key is also the first part of the address."""

    key: str
    name: str
    department: str
    role: str
    manager: str = ""
    groups: tuple[str, ...] = ()
    language: str = "en"
    time_zone: str = LONDON
    digest: str = "weekly"


COLLEAGUES = (
    Colleague("catherine.blythe", "Catherine Blythe", "NFL", "Site director", "", ("manager",)),
    Colleague("officer", "Priya Raman", "QUA", "Process officer", "approver", ("officer",), digest="daily"),
    Colleague("owner", "Helen Marsh", "OPS", "Operations manager", "catherine.blythe", ("owner", "manager")),
    Colleague("approver", "Daniel Okafor", "QUA", "Quality and compliance manager", "catherine.blythe", ("manager",)),
    Colleague("auditor", "Ruth Calloway", "QUA", "Internal auditor", "catherine.blythe", ("auditor",)),
    Colleague("staff", "Tom Sedgwick", "INB", "Dock operative", "amara.diallo"),
    Colleague("admin", "Marek Nowicki", "IT", "IT administrator", "catherine.blythe", ("administrator", "owner")),
    Colleague(
        "jonas.weber", "Jonas Weber", "QUA", "Process officer", "approver", ("officer",), "de", BERLIN, digest="at_once"
    ),
    Colleague("amara.diallo", "Amara Diallo", "INB", "Dock lead", "owner", ("owner",)),
    Colleague("stuart.pell", "Stuart Pell", "INB", "Dock lead", "owner"),
    Colleague("fiona.macrae", "Fiona Macrae", "OUT", "Dock lead", "owner", ("owner",)),
    Colleague("yusuf.demir", "Yusuf Demir", "OUT", "Dock operative", "fiona.macrae"),
    Colleague("beatriz.lopes", "Beatriz Lopes", "INV", "Inventory controller", "owner", ("owner",)),
    Colleague("callum.reid", "Callum Reid", "INV", "Inventory controller", "beatriz.lopes"),
    Colleague("george.tsang", "George Tsang", "TRA", "Transport manager", "owner", ("owner",)),
    Colleague("lena.hoffmann", "Lena Hoffmann", "TRA", "Transport planner", "george.tsang", (), "de", BERLIN),
    Colleague("sian.evans", "Siân Evans", "QUA", "Quality technician", "approver", ("owner",)),
    Colleague("oliver.hart", "Oliver Hart", "QUA", "Quality technician", "approver"),
    Colleague("margaret.quill", "Margaret Quill", "FIN", "Finance manager", "catherine.blythe", ("owner", "manager")),
    Colleague("devon.clarke", "Devon Clarke", "FIN", "Finance clerk", "margaret.quill"),
    Colleague("ingrid.solberg", "Ingrid Solberg", "PEO", "Head of people", "catherine.blythe", ("owner", "manager")),
    Colleague("nadia.rahman", "Nadia Rahman", "PEO", "People adviser", "ingrid.solberg"),
    Colleague("paul.brennan", "Paul Brennan", "SIT", "Site services lead", "catherine.blythe", ("owner",)),
    Colleague("wojtek.zielinski", "Wojtek Zieliński", "SIT", "Maintenance technician", "paul.brennan"),
    Colleague("hannah.frost", "Hannah Frost", "IT", "IT support", "admin"),
    Colleague("elena.petrova", "Elena Petrova", "", "External auditor", "", digest="never"),
)


@dataclass(frozen=True)
class Stage:
    """One step of an approval route, as it is written here: people or job roles."""

    meaning: str
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    days: int = 7


CHECKED_ON_THE_FLOOR = Stage("Checked on the floor: it can be done like this", roles=("Dock lead",), days=5)
TECHNICALLY_RIGHT = Stage("Checked: technically correct", roles=("Quality technician",), days=5)
APPROVED = Stage("Approved for use", people=("approver",))

# Name, kind ("" is every kind), department ("" is everywhere), steps.
ROUTES = (
    ("Standard approval", "", "", (APPROVED,)),
    ("SOPs of Inbound", "sop", "INB", (CHECKED_ON_THE_FLOOR, APPROVED)),
    ("SOPs of Quality", "sop", "QUA", (TECHNICALLY_RIGHT, APPROVED)),
    ("Quality's own policies", "policy", "QUA", (Stage("Approved for the site", people=("catherine.blythe",)),)),
    ("People & culture", "", "PEO", (Stage("Approved for the site", people=("catherine.blythe",)),)),
)

# Kind → how an approval is signed, months between reviews.
KINDS = {
    "policy": ("signature", 36),
    "sop": ("signature", 24),
    "instruction": ("signature", 24),
    "form": ("click", 36),
    "map": ("signature", 24),
    "checklist": ("signature", 24),
}


def address_of(key: str) -> str:
    return f"{key}@{DOMAIN}"


def make_organisation(password: str) -> dict[str, Person]:
    """Make everything but the documents, and return the people by their keys."""
    departments = _make_departments()
    people = _make_people(departments, password)
    _make_routes(departments, people)
    for kind, (signing, months) in KINDS.items():
        KindSettings.objects.update_or_create(kind=kind, defaults={"signing": signing, "review_months": months})
    return people


def _make_departments() -> dict[str, Department]:
    made: dict[str, Department] = {}
    for code, (name, parent) in DEPARTMENTS.items():
        made[code] = Department.objects.create(name=name, code=code, parent=made.get(parent))
    return made


def _make_people(departments: dict[str, Department], password: str) -> dict[str, Person]:
    encoded = make_password(password)  # one password for all, so it is hashed once
    groups = {group.name: group for group in Group.objects.all()}
    roles = {name: JobRole.objects.create(name=name) for name in dict.fromkeys(one.role for one in COLLEAGUES)}
    people: dict[str, Person] = {}
    for one in COLLEAGUES:
        keeps_the_portal = "administrator" in one.groups
        person = Person(
            email=address_of(one.key),
            name=one.name,
            password=encoded,
            department=departments.get(one.department),
            language=one.language,
            time_zone=one.time_zone,
            digest=one.digest,
            joined_at=timezone.now(),
            is_staff=keeps_the_portal,
            is_superuser=keeps_the_portal,
        )
        person.save()
        person.job_roles.set([roles[one.role]])
        person.groups.set([groups[name] for name in ("staff", *one.groups)])
        people[one.key] = person
        event = "made_administrator" if keeps_the_portal else "person_added"
        told = {"email": person.email, "groups": ", ".join(sorted(("staff", *one.groups)))}
        record_line(person, event, by=None, data=told)
    for one in COLLEAGUES:
        if one.manager:
            people[one.key].manager = people[one.manager]
            people[one.key].save()
    return people


def _make_routes(departments: dict[str, Department], people: dict[str, Person]) -> None:
    roles = {role.name: role for role in JobRole.objects.all()}
    for name, kind, department, stages in ROUTES:
        template = RouteTemplate.objects.create(name=name, kind=kind, department=departments.get(department))
        for position, stage in enumerate(stages, start=1):
            _make_step(template, position, stage, people, roles)


def _make_step(
    template: RouteTemplate, position: int, stage: Stage, people: dict[str, Any], roles: dict[str, Any]
) -> None:
    step = template.steps.create(
        position=position, meaning=stage.meaning, rule="any" if stage.roles else "all", due_days=stage.days
    )
    step.people.set([people[key] for key in stage.people])
    step.roles.set([roles[name] for name in stage.roles])
