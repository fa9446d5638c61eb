"""The demo's documents: which there are, who wrote and approved which version when, and where they stand today."""

import re
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
MAPS = Path(__file__).parent / "maps"
_CODE = re.compile(r"\{([A-Z]+(?:-[A-Z]+)+-\d{3})\}")
_PASSAGE = re.compile(r"<!-- (from|until) (\d) -->(.*?)<!-- end -->", re.DOTALL)

APPROVED, SCHEDULED, WAITING, CHANGES, DRAFT = "approved", "scheduled", "waiting", "changes", "draft"


@dataclass(frozen=True)
class Edition:
    """One version: who wrote it, how many days ago it came to where it stands, why it was made."""

    author: str
    days_ago: int | None  # None: so that the review falls due as the plan says
    reason: str = ""
    change: str = "major"
    outcome: str = APPROVED
    lead_days: int = 0  # from approval until it takes effect, when there is something to be taught
    comment: str = ""  # what the last decider says


@dataclass(frozen=True)
class Plan:
    """One document with all its editions."""

    code: str
    kind: str
    title: str
    department: str
    owner: str
    editions: tuple[Edition, ...]
    audience: str = "everyone"
    readers: tuple[str, ...] = ()
    review_in: int | None = None  # days from today until the next review; below nought it is overdue
    reviewed: tuple[int, str] | None = None  # a review without change: days ago, and what was looked at
    retired: tuple[int, str, str] | None = None  # days ago, why, successor


def text_of(code: str, edition: int) -> bytes:
    """The text of an edition: passages marked for other editions left out, codes in braces made links. Of a map, the
    file that was drawn."""

    drawn = MAPS / f"{code.lower()}-{edition}.bpmn"
    if drawn.exists():
        return drawn.read_bytes()

    def stands(match: re.Match[str]) -> str:
        word, number, passage = match[1], int(match[2]), match[3]
        return passage if (edition >= number if word == "from" else edition <= number) else ""

    questions = TEXTS / f"{code.lower()}.json"
    if questions.exists():
        return questions.read_bytes()
    source = (TEXTS / f"{code.lower()}.html").read_text(encoding="utf-8")
    html = _PASSAGE.sub(stands, source)
    return _CODE.sub(r'<a href="/documents/\1/">\1</a>', html).strip().encode()


PLANS = (
    Plan(
        "POL-QUA-001",
        "policy",
        "Document control policy",
        "QUA",
        "approver",
        (
            Edition("officer", 1062),
            Edition(
                "officer", 612, "Approval by signature in the portal replaces the signed cover sheet", lead_days=14
            ),
            Edition("officer", 188, "Periodic review is answered in the portal; printed copies are limited to one day"),
        ),
    ),
    Plan(
        "POL-IT-001",
        "policy",
        "Password and device policy",
        "IT",
        "admin",
        (
            Edition("admin", 985),
            Edition("officer", 404, "Passkeys are allowed; forced changes every 90 days are given up", lead_days=10),
        ),
    ),
    Plan(
        "POL-FIN-001",
        "policy",
        "Expense claims policy",
        "FIN",
        "margaret.quill",
        (
            Edition("margaret.quill", 903),
            Edition("margaret.quill", 352, "New mileage rate and the card slip for tolls", "minor"),
        ),
    ),
    Plan(
        "SOP-INB-001",
        "sop",
        "Receiving temperature-controlled goods",
        "INB",
        "owner",
        (
            Edition("officer", 1041),
            Edition(
                "jonas.weber",
                703,
                "Core temperature is probed on every frozen load after two missed excursions",
                lead_days=7,
            ),
            Edition("officer", 482, "Bay names corrected after the repainting of the dock", "minor"),
            Edition(
                "officer",
                95,
                "Loggers are read before the doors are opened fully; limits per product class in a table",
                lead_days=7,
                comment="Tried on two night shifts at bay 3. The order of probe and logger works.",
            ),
        ),
    ),
    Plan(
        "SOP-INB-002",
        "sop",
        "Booking in ambient goods",
        "INB",
        "owner",
        (
            Edition("officer", 1015),
            Edition("jonas.weber", None, "Booking on the handheld at the bay instead of on the day sheet"),
        ),
        review_in=-12,
    ),
    Plan(
        "WI-INB-001",
        "instruction",
        "Reading chart recorders",
        "INB",
        "owner",
        (Edition("officer", 1055),),
        reviewed=(420, "Two carriers still use chart recorders; the instruction is right for them."),
        retired=(58, "No carrier sends chart recorders any more; loggers are read instead.", "WI-QUA-001"),
    ),
    Plan(
        "CL-INB-001",
        "checklist",
        "Dock audit: receiving cold goods",
        "INB",
        "approver",
        (Edition("officer", 62, comment="Tried on one night shift. It takes forty minutes with one load."),),
    ),
    Plan(
        "SOP-QUA-001",
        "sop",
        "Quarantine and release",
        "QUA",
        "sian.evans",
        (
            Edition("officer", 1004),
            Edition("officer", 523, "Release needs a second pair of eyes for product class A"),
            Edition(
                "officer",
                9,
                "Time limit for a decision, and what happens when the customer does not answer",
                outcome=WAITING,
            ),
        ),
    ),
    Plan(
        "SOP-QUA-002",
        "sop",
        "Complaint handling",
        "QUA",
        "officer",
        (
            Edition("jonas.weber", 391, lead_days=5),
            Edition("officer", 76, "Answering times per class of complaint", "minor"),
        ),
    ),
    Plan(
        "WI-QUA-001",
        "instruction",
        "Downloading a temperature logger",
        "QUA",
        "sian.evans",
        (
            Edition("officer", 641),
            Edition(
                "officer",
                5,
                "New loggers with Bluetooth; the reading stand at bay 2 goes",
                outcome=SCHEDULED,
                lead_days=14,
                comment="Good. Effective when the new loggers are handed out.",
            ),
        ),
    ),
    Plan(
        "FRM-QUA-001",
        "form",
        "Temperature excursion report",
        "QUA",
        "sian.evans",
        (
            Edition("jonas.weber", 808),
            Edition("officer", 204, "Field for the logger's serial number", "minor"),
        ),
    ),
    Plan(
        "SOP-SIT-001",
        "sop",
        "Visitor and contractor safety",
        "SIT",
        "paul.brennan",
        (
            Edition("jonas.weber", 856),
            Edition("officer", 301, "Contractors show their permit before they get a badge"),
        ),
    ),
    Plan(
        "SOP-SIT-002",
        "sop",
        "Cold-store alarm response",
        "SIT",
        "paul.brennan",
        (
            Edition("officer", 934),
            Edition(
                "officer",
                421,
                "Call-out list moved to the control room; ten minutes until the second call",
                lead_days=5,
            ),
        ),
    ),
    Plan(
        "SOP-SIT-003",
        "sop",
        "Pest control checks",
        "SIT",
        "paul.brennan",
        (Edition("jonas.weber", None),),
        review_in=18,
    ),
    Plan("SOP-SIT-004", "sop", "Spill clean-up", "SIT", "paul.brennan", (Edition("officer", 622),)),
    Plan(
        "WI-SIT-001",
        "instruction",
        "Waste segregation",
        "SIT",
        "paul.brennan",
        (Edition("jonas.weber", 447),),
    ),
    Plan(
        "WI-OUT-001",
        "instruction",
        "Packing insulated boxes",
        "OUT",
        "fiona.macrae",
        (Edition("officer", 1, outcome=DRAFT),),
    ),
    Plan(
        "WI-OPS-001",
        "instruction",
        "Forklift pre-use check",
        "OPS",
        "owner",
        (
            Edition("officer", 992),
            Edition("officer", 366, "Lithium trucks have their own battery check"),
        ),
    ),
    Plan(
        "SOP-OUT-001",
        "sop",
        "Loading and sealing trailers",
        "OUT",
        "fiona.macrae",
        (
            Edition("officer", 884),
            Edition(
                "jonas.weber",
                252,
                "Seal numbers are photographed; pre-cooling is checked before the first pallet",
                lead_days=7,
            ),
        ),
    ),
    Plan("SOP-OUT-002", "sop", "Handling returns", "OUT", "owner", (Edition("jonas.weber", None),), review_in=0),
    Plan(
        "SOP-INV-001",
        "sop",
        "Cycle counting",
        "INV",
        "beatriz.lopes",
        (
            Edition("officer", 912),
            Edition("officer", 507, "Counting by class replaces the yearly stocktake", lead_days=12),
            Edition(
                "officer",
                4,
                "Recount by another person from two units of difference",
                outcome=CHANGES,
                comment="Step 6 lets the person who counted also post the difference. Please name somebody else, and "
                "say what happens on a night shift with one controller.",
            ),
        ),
    ),
    Plan(
        "SOP-TRA-001",
        "sop",
        "Driver induction",
        "TRA",
        "george.tsang",
        (
            Edition("officer", 561),
            Edition("jonas.weber", 10, "Drivers who do not read English get the picture card first", outcome=WAITING),
        ),
    ),
    Plan(
        "SOP-FIN-001",
        "sop",
        "Purchase to pay",
        "FIN",
        "margaret.quill",
        (
            Edition("margaret.quill", 683),
            Edition("margaret.quill", 152, "Two people release payments from £5,000 instead of £10,000", lead_days=10),
        ),
    ),
    Plan(
        "SOP-FIN-002",
        "sop",
        "Supplier approval",
        "FIN",
        "margaret.quill",
        (Edition("officer", None),),
        audience="department",
        review_in=6,
    ),
    Plan(
        "SOP-PEO-001",
        "sop",
        "Onboarding of new colleagues",
        "PEO",
        "ingrid.solberg",
        (Edition("ingrid.solberg", None),),
        review_in=10,
    ),
    Plan(
        "SOP-PEO-002",
        "sop",
        "Grievances and confidential concerns",
        "PEO",
        "ingrid.solberg",
        (Edition("ingrid.solberg", 333),),
        audience="named",
        readers=("ingrid.solberg", "nadia.rahman"),
    ),
    Plan(
        "SOP-IT-001",
        "sop",
        "IT access request",
        "IT",
        "admin",
        (
            Edition("officer", 577),
            Edition("officer", 2, "Leavers: access ends at the end of the last shift, not of the day", outcome=DRAFT),
        ),
    ),
)
