"""The demo's process tree: twelve processes in three levels, who owns them and which documents they are done by."""

from dataclasses import dataclass

from documents.models import Document
from portal.demo import clock
from portal.demo.life import Life
from processes.linking import link_document
from processes.models import Process
from processes.tree import start_process

STARTED, LINKED = 102, 96  # days ago

GOVERNS, FORM, REFERENCE = "governs", "form", "reference"


@dataclass(frozen=True)
class ProcessPlan:
    """One process: where it belongs, who owns it, what goes in and comes out, and its documents by code."""

    code: str
    title: str
    category: str
    department: str
    owner: str
    criticality: str
    purpose: str
    trigger: str = ""
    outcome: str = ""
    suppliers: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    reference: str = ""

    @property
    def parent(self) -> str:
        return self.code.rpartition(".")[0]


PROCESSES = (
    ProcessPlan(
        "P1",
        "Manage and improve the site",
        "management",
        "QUA",
        "approver",
        "medium",
        "Decide what the site does and how, see that it is done, and make it better every quarter.",
        "The year is planned, or something has gone wrong",
        "Decisions with an owner and a date",
        suppliers=("Customers", "Health authority", "All process owners"),
        inputs=("Audit results", "Key figures", "Complaints"),
        steps=("Plan the year", "Measure and audit", "Review", "Improve"),
        outputs=("Policies", "Improvement projects"),
        customers=("All departments",),
        documents=(("POL-QUA-001", GOVERNS),),
    ),
    ProcessPlan(
        "P1.1",
        "Handle complaints and excursions",
        "management",
        "QUA",
        "sian.evans",
        "high",
        "Find out quickly whether goods that were too warm, too cold or complained about may still be used, and see to "
        "it that it does not happen again.",
        "A customer complains, or a reading is outside its limits",
        "The goods are released or destroyed and the customer has an answer",
        suppliers=("Hospitals and pharmacies", "Dock team", "Cold-store alarm"),
        inputs=("Complaint", "Logger reading", "Quarantined lot"),
        steps=("Block the lot", "Collect the readings", "Decide on the lot", "Answer the customer", "Find the cause"),
        outputs=("Decision on the lot", "Answer to the customer", "Excursion report"),
        customers=("Hospitals and pharmacies", "Manufacturer"),
        documents=(("SOP-QUA-002", GOVERNS), ("SOP-QUA-001", GOVERNS), ("FRM-QUA-001", FORM)),
        reference="QMS-8.7",
    ),
    ProcessPlan(
        "P2",
        "Keep goods cold from dock to customer",
        "core",
        "OPS",
        "owner",
        "high",
        "Receive, store and deliver medicines and fresh food so that they never leave their temperature range.",
        "A customer books a delivery into the warehouse",
        "The goods are with their receiver, with an unbroken temperature record",
        suppliers=("Manufacturers", "Hauliers"),
        inputs=("Booking", "Goods on pallets", "Temperature loggers"),
        steps=("Receive", "Store", "Pack and load", "Deliver"),
        outputs=("Delivered goods", "Temperature record", "Proof of delivery"),
        customers=("Hospitals and pharmacies", "Food retailers"),
    ),
    ProcessPlan(
        "P2.1",
        "Receive goods",
        "core",
        "INB",
        "amara.diallo",
        "high",
        "Take over what was booked, see that it is what it should be, and put it where it belongs before it warms up.",
        "A vehicle reports at the gate",
        "Stock is available, or the load was refused",
        suppliers=("Hauliers", "Manufacturers"),
        inputs=("Booking", "Delivery note", "Pallets"),
        steps=("Check in the vehicle", "Inspect", "Book in", "Put away"),
        outputs=("Available stock", "Receipt"),
        customers=("Inventory", "Manufacturers"),
        documents=(("WI-OPS-001", REFERENCE), ("SOP-SIT-001", REFERENCE)),
    ),
    ProcessPlan(
        "P2.1.1",
        "Receive temperature-controlled goods",
        "core",
        "INB",
        "amara.diallo",
        "high",
        "Unload chilled and frozen goods within their time limit and accept only what was never too warm.",
        "A refrigerated vehicle stands at a bay",
        "The lot is released into the cold store or quarantined",
        suppliers=("Refrigerated hauliers",),
        inputs=("Logger readings", "Sealed trailer", "Booking"),
        steps=("Check seal and booking", "Read the logger", "Probe three cases", "Release or quarantine", "Put away"),
        outputs=("Released lot", "Quarantined lot"),
        customers=("Store goods", "Handle complaints and excursions"),
        documents=(("SOP-INB-001", GOVERNS), ("WI-INB-001", GOVERNS), ("WI-QUA-001", GOVERNS), ("FRM-QUA-001", FORM)),
        reference="WMS-RCV-20",
    ),
    ProcessPlan(
        "P2.1.2",
        "Book in ambient goods",
        "core",
        "INB",
        "amara.diallo",
        "medium",
        "Make goods without temperature limits available on the day on which they arrive.",
        "A vehicle without cooling stands at a bay",
        "Stock is available",
        suppliers=("Hauliers",),
        inputs=("Delivery note", "Pallets"),
        steps=("Count", "Compare with the booking", "Label", "Put away"),
        outputs=("Available stock", "Difference report"),
        customers=("Store goods",),
        documents=(("SOP-INB-002", GOVERNS),),
        reference="WMS-RCV-10",
    ),
    ProcessPlan(
        "P2.2",
        "Store goods",
        "core",
        "INV",
        "beatriz.lopes",
        "high",
        "Keep every lot in its range, find it at once, and know how much of it there is.",
        "A lot is put away",
        "The lot is picked",
        suppliers=("Receive goods",),
        inputs=("Released lot", "Cold-store readings"),
        steps=("Watch the temperature", "Count in cycles", "Correct differences"),
        outputs=("Correct stock", "Temperature record"),
        customers=("Pack and load", "Finance"),
        documents=(("SOP-INV-001", GOVERNS), ("SOP-SIT-002", GOVERNS)),
    ),
    ProcessPlan(
        "P2.3",
        "Pack and load",
        "core",
        "OUT",
        "fiona.macrae",
        "high",
        "Send out the right goods, packed for the length of their journey, in a sealed trailer.",
        "An order is released for picking",
        "The trailer is sealed and gone",
        suppliers=("Store goods", "Customers"),
        inputs=("Order", "Stock", "Insulated boxes"),
        steps=("Pick", "Pack", "Load", "Seal"),
        outputs=("Sealed trailer", "Shipping papers"),
        customers=("Deliver to customers",),
        documents=(("SOP-OUT-001", GOVERNS), ("WI-OPS-001", REFERENCE)),
    ),
    ProcessPlan(
        "P2.4",
        "Deliver to customers",
        "core",
        "TRA",
        "george.tsang",
        "medium",
        "Bring goods to the door in the agreed window and prove that they stayed cold.",
        "A sealed trailer stands in the yard",
        "The receiver has signed",
        suppliers=("Pack and load", "Hauliers under contract"),
        inputs=("Sealed trailer", "Route plan"),
        steps=("Plan the route", "Drive", "Hand over", "Read the logger"),
        outputs=("Proof of delivery", "Temperature record"),
        customers=("Hospitals and pharmacies", "Food retailers"),
        documents=(("SOP-TRA-001", GOVERNS),),
    ),
    ProcessPlan(
        "P3",
        "Provide people, money and systems",
        "support",
        "FIN",
        "margaret.quill",
        "medium",
        "See to it that everybody else has what they need to do their work.",
    ),
    ProcessPlan(
        "P3.1",
        "Purchase to pay",
        "support",
        "FIN",
        "margaret.quill",
        "medium",
        "Buy from approved suppliers what was agreed, and pay it once and on time.",
        "Somebody needs goods or a service",
        "The invoice is paid",
        suppliers=("All departments", "Suppliers"),
        inputs=("Request", "Offer", "Invoice"),
        steps=("Request", "Approve", "Order", "Confirm receipt", "Pay"),
        outputs=("Order", "Payment"),
        customers=("All departments", "Suppliers"),
        documents=(("SOP-FIN-001", GOVERNS), ("SOP-FIN-002", GOVERNS), ("POL-FIN-001", REFERENCE)),
        reference="SAP-MM-PTP",
    ),
    ProcessPlan(
        "P3.2",
        "Onboard new colleagues",
        "support",
        "PEO",
        "ingrid.solberg",
        "low",
        "Have everybody ready to work safely by the end of their first week.",
        "A contract is signed",
        "The first review after three months has taken place",
        suppliers=("Hiring manager", "Agency"),
        inputs=("Contract", "Training plan"),
        steps=("Prepare", "First day", "First week", "Review after three months"),
        outputs=("Trained colleague", "Training record"),
        customers=("All departments",),
        documents=(("SOP-PEO-001", GOVERNS), ("SOP-IT-001", REFERENCE), ("POL-IT-001", REFERENCE)),
    ),
)


def plan_processes(life: Life) -> None:
    """Let the process officer grow the tree one day, and link its documents some days later."""
    life.plan(clock.moment(STARTED, 10), lambda: _grow(life))
    life.plan(clock.moment(LINKED, 14), lambda: _link(life))


def _grow(life: Life) -> None:
    made: dict[str, Process] = {}
    for plan in PROCESSES:
        made[plan.code] = start_process(
            by=life.people["officer"],
            title=plan.title,
            code=plan.code,
            parent=made.get(plan.parent),
            owner=life.people[plan.owner],
            department=life.departments[plan.department],
            category=plan.category,
            criticality=plan.criticality,
            purpose=plan.purpose,
            trigger=plan.trigger,
            outcome=plan.outcome,
            external_reference=plan.reference,
            suppliers=list(plan.suppliers),
            inputs=list(plan.inputs),
            steps=list(plan.steps),
            outputs=list(plan.outputs),
            customers=list(plan.customers),
        )


def _link(life: Life) -> None:
    documents = {document.code: document for document in Document.objects.all()}
    processes = {process.code: process for process in Process.objects.all()}
    for plan in PROCESSES:
        for code, relation in plan.documents:
            link_document(processes[plan.code], documents[code], relation=relation, by=life.people["officer"])
