"""The demo's maps: who drew and approved which version when, which process each shows, and one To-Be in approval."""

from dataclasses import dataclass

from documents.models import Document
from portal.demo import clock
from portal.demo.documents import WAITING, Edition, Plan
from portal.demo.life import Life
from processes.map_roles import give_role
from processes.models import Process, ProcessMap

GIVEN = 90  # days ago: the maps were told which process they show, after the tree was grown


@dataclass(frozen=True)
class MapPlan:
    """One map: its document, the process that it shows, and for a To-Be the code of the map that it starts from."""

    plan: Plan
    process: str
    starts_from: str = ""


def _map(code: str, title: str, department: str, owner: str, *editions: Edition) -> Plan:
    return Plan(code, "map", title, department, owner, editions)


MAP_PLANS = (
    MapPlan(
        _map(
            "MAP-INB-001",
            "Receive temperature-controlled goods",
            "INB",
            "amara.diallo",
            Edition("officer", 540),
            Edition("officer", 82, "The seal is photographed before the trailer is opened"),
        ),
        "P2.1.1",
    ),
    MapPlan(
        _map("MAP-INB-002", "Book in ambient goods", "INB", "amara.diallo", Edition("officer", 420)),
        "P2.1.2",
    ),
    MapPlan(_map("MAP-OUT-001", "Pack and load", "OUT", "fiona.macrae", Edition("officer", 310)), "P2.3"),
    MapPlan(
        _map("MAP-QUA-001", "Handle complaints and excursions", "QUA", "sian.evans", Edition("officer", 275)), "P1.1"
    ),
    MapPlan(_map("MAP-FIN-001", "Purchase to pay", "FIN", "margaret.quill", Edition("officer", 230)), "P3.1"),
    MapPlan(
        _map("MAP-PEO-001", "Onboard new colleagues", "PEO", "ingrid.solberg", Edition("officer", 200)),
        "P3.2",
    ),
    MapPlan(
        _map(
            "MAP-INB-003",
            "Receive temperature-controlled goods (To-Be)",
            "INB",
            "amara.diallo",
            Edition("officer", 4, outcome=WAITING),
        ),
        "P2.1.1",
        starts_from="MAP-INB-001",
    ),
)


def plan_maps(life: Life) -> None:
    """Let the maps be drawn and approved like every document, and be told which process they show."""
    for each in MAP_PLANS:
        life.plan_document(each.plan)
    life.plan(clock.moment(GIVEN, 15), lambda: _give_roles(life))
    life.plan(clock.moment(3, 9), lambda: _give_roles(life))


def _give_roles(life: Life) -> None:
    """Every map that is there by now; what has its role already keeps it."""
    documents = {document.code: document for document in Document.objects.filter(kind="map")}
    for each in MAP_PLANS:
        document = documents.get(each.plan.code)
        if document is None or ProcessMap.objects.filter(document=document).exists():
            continue
        base = documents[each.starts_from].version_in_force() if each.starts_from else None
        give_role(
            document,
            by=life.people["officer"],
            process=Process.objects.get(code=each.process),
            purpose=ProcessMap.Purpose.TO_BE if base else ProcessMap.Purpose.AS_IS,
            based_on=base,
        )
