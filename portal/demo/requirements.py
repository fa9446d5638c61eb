"""The demo's own requirements: what Northfield asks of its cold chain, what fulfils it, and what does not apply."""

from audits import own_requirements
from audits.fulfilling import link
from audits.models import Framework, Requirement
from core import catalog
from documents.models import Document
from portal.demo import clock
from portal.demo.life import Life
from processes.models import Process

WRITTEN, LINKED, DECIDED = 84, 79, 70  # days ago

# Groups with their requirements: (number, title, text), … in Northfield's own words.
CATALOGUE = (
    (
        "1",
        "Receiving",
        (
            (
                "1.1",
                "Every load has a booking",
                "A vehicle is unloaded only with a booking and a bay that was given out.",
            ),
            (
                "1.2",
                "Seals are compared before doors are opened",
                "Two people compare the seal number with the papers. A load with a broken or wrong seal stays shut.",
            ),
            (
                "1.3",
                "The temperature of the journey is known",
                "The logger is read before the doors are opened fully, and its file is kept with the receipt.",
            ),
            (
                "1.4",
                "Goods are probed",
                "Three cases of each load are probed, on frozen loads one of them in its core, and written down.",
            ),
            (
                "1.5",
                "Time on the dock is limited",
                "No pallet stands on the dock longer than its class allows, counted from the first pallet.",
            ),
        ),
    ),
    (
        "2",
        "Storing",
        (
            ("2.1", "Chambers hold their temperature", "Each chamber stays within the limits of the class it holds."),
            ("2.2", "Doors do not stand open", "A chamber door gives an alarm after three minutes at the latest."),
            (
                "2.3",
                "Goods on hold are locked and marked",
                "Stock on hold is locked in the system, carded and set apart.",
            ),
            ("2.4", "First expired leaves first", "Picking follows the best-before date, not the day of receipt."),
            (
                "2.5",
                "Stock is counted",
                "Each location is counted at least once in a quarter; differences are explained.",
            ),
        ),
    ),
    (
        "3",
        "Loading and delivering",
        (
            (
                "3.1",
                "Trailers are fit for food",
                "A trailer is clean, dry, without smell and whole before it is loaded.",
            ),
            (
                "3.2",
                "Trailers are cooled down before loading",
                "The air at the back wall has the temperature of the load.",
            ),
            (
                "3.3",
                "Each load carries a logger",
                "A logger is started, scanned to the load and hung at the height of the goods.",
            ),
            (
                "3.4",
                "Each load is sealed",
                "The dock lead closes and seals the trailer, and the number is on the papers.",
            ),
            ("3.5", "Drivers know the set temperature", "The driver reads the set temperature aloud and signs for it."),
        ),
    ),
    (
        "4",
        "Measuring",
        (
            ("4.1", "Probes are calibrated", "A probe is calibrated within twelve months and says so on its label."),
            ("4.2", "Loggers are calibrated", "A logger is calibrated within twenty-four months."),
            (
                "4.3",
                "Alarms reach somebody",
                "An alarm outside working hours reaches the person on call within ten minutes.",
            ),
            ("4.4", "Records can be read for five years", "Temperature records stay readable for five years."),
        ),
    ),
    (
        "5",
        "When something goes wrong",
        (
            (
                "5.1",
                "Excursions are reported the same day",
                "A reading outside the limits is reported on the day it is seen.",
            ),
            (
                "5.2",
                "The owner of the goods is asked",
                "Nothing out of limits is released without the owner of the goods.",
            ),
            (
                "5.3",
                "Only Quality refuses or releases",
                "A held load is released, returned or destroyed by Quality alone.",
            ),
        ),
    ),
    (
        "6",
        "People and places",
        (
            (
                "6.1",
                "People are trained before they work alone",
                "Nobody receives, probes or loads alone before they are trained.",
            ),
            ("6.2", "The dock is kept clean", "Bays are swept after each vehicle and washed each week."),
            (
                "6.3",
                "Dry ice is handled safely",
                "Where dry ice is used there is a measured supply of fresh air, and gloves are worn.",
            ),
        ),
    ),
)

# Requirement → code of a document or process, and the step, if only a step does.
FULFILLED = (
    ("1.1", "SOP-INB-001", "booking"),
    ("1.2", "SOP-INB-001", "seal"),
    ("1.3", "SOP-INB-001", "logger"),
    ("1.3", "WI-QUA-001", ""),
    ("1.4", "SOP-INB-001", "probe"),
    ("1.5", "SOP-INB-001", "unload"),
    ("2.3", "SOP-QUA-001", "lock"),
    ("2.3", "SOP-QUA-001", "label"),
    ("3.1", "SOP-OUT-001", "trailer"),
    ("3.2", "SOP-OUT-001", "pre-cool"),
    ("3.3", "SOP-OUT-001", "logger"),
    ("3.4", "SOP-OUT-001", "seal"),
    ("3.5", "SOP-OUT-001", "hand-over"),
    ("5.1", "FRM-QUA-001", ""),
    ("5.2", "SOP-QUA-001", "decide"),
    ("5.3", "SOP-INB-001", "decide"),
    ("6.1", "P3.2", ""),
)
NOT_APPLICABLE = ("6.3", "No customer of Northfield ships on dry ice, and none is kept on the site.")


def plan_requirements(life: Life) -> None:
    """Let the process officer write the library, link it to what fulfils it and decide what does not apply."""
    life.plan(clock.moment(WRITTEN, 11), lambda: _write(life))
    life.plan(clock.moment(LINKED, 15), lambda: _link(life))
    life.plan(clock.moment(DECIDED, 10, 30), lambda: _decide(life))


def _write(life: Life) -> None:
    officer = life.people["officer"]
    library = own_requirements.start_library(
        by=officer,
        title="Northfield cold chain requirements",
        sort=Framework.Sort.POLICY,
        edition="2",
        publisher="Northfield Logistics",
        description="What customers, the law on food and our own experience ask of goods that must stay cold.",
        owner=life.people["approver"],
        department=life.departments["QUA"],
        audience="everyone",
    )
    for number, title, requirements in CATALOGUE:
        group = _entry(library, officer, number, title)
        for label, heading, text in requirements:
            _entry(library, officer, label, heading, text, group)


def _entry(
    library: Framework, by: object, label: str, title: str, text: str = "", parent: Requirement | None = None
) -> Requirement:
    return own_requirements.write_requirement(
        library, None, by=by, label=label, title=title, text=text, guidance="", parent=parent,
        is_group=parent is None, is_withdrawn=False,
    )  # fmt: skip


def _link(life: Life) -> None:
    for label, code, step in FULFILLED:
        record = Document.objects.filter(code=code).first() or Process.objects.get(code=code)
        part = record.parts.get(key=step) if step else None
        link(Requirement.objects.get(label=label), catalog.entry_of(record), by=life.people["officer"], part=part)


def _decide(life: Life) -> None:
    label, justification = NOT_APPLICABLE
    Requirement.objects.get(label=label).decide_applicability(
        by=life.people["officer"], applicability=Requirement.Applicability.DOES_NOT, justification=justification
    )
