"""What is going on in the demo today: who stands in for whom, what is shared, watched and talked about."""

from datetime import timedelta

from django.utils import timezone

from core import catalog
from core.models import CatalogEntry, Comment, Notice, Watch
from documents.models import Document
from documents.sharing import share
from people.models import Person
from people.standing_in import delegate
from portal.demo import clock

READ_AFTER = timedelta(days=6)


def make_today(people: dict[str, Person]) -> None:
    """Everything that is not the life of one version."""
    _stand_in(people)
    _share(people)
    _watch(people)
    _comment(people)
    _read_old_notices()


def _entry(code: str) -> CatalogEntry:
    return catalog.entry_of(Document.objects.get(code=code))


def _stand_in(people: dict[str, Person]) -> None:
    """The finance manager is on holiday; the operations manager stands in."""
    away, first, last = people["margaret.quill"], clock.day(3), clock.day(-9)
    with clock.at(clock.moment(6, 15, 10)):
        delegate(away, to=people["owner"], starts_on=first, ends_on=last, by=away)


def _share(people: dict[str, Person]) -> None:
    """The external auditor may read one document of Finance for a month."""
    with clock.at(clock.moment(2, 9, 30)):
        share(
            Document.objects.get(code="SOP-FIN-002"),
            by=people["margaret.quill"],
            person=people["elena.petrova"],
            until=clock.day(-28),
            reason="Sample for the yearly audit of suppliers",
        )


def _watch(people: dict[str, Person]) -> None:
    """What the dock operative and some others keep an eye on."""
    for person, code, favourite in (
        ("staff", "SOP-INB-001", True),
        ("staff", "SOP-INB-002", True),
        ("staff", "WI-OPS-001", True),
        ("staff", "SOP-SIT-004", False),
        ("owner", "SOP-SIT-002", True),
        ("approver", "POL-QUA-001", True),
        ("auditor", "SOP-QUA-001", False),
    ):
        Watch.objects.create(person=people[person], entry=_entry(code), is_favourite=favourite)


def _comment(people: dict[str, Person]) -> None:
    """A question from the floor with its answer, one that is still open, and one on a draft."""
    receiving = _entry("SOP-INB-001")
    with clock.at(clock.moment(41, 7, 52)):
        asked = Comment.objects.create(
            entry=receiving,
            author=people["staff"],
            text="The probe at bay 2 takes almost a minute to settle on frozen loads. Wait, or use the one at bay 3?",
        )
    with clock.at(clock.moment(41, 9, 15)):
        Comment.objects.create(
            entry=receiving,
            thread=asked,
            author=people["amara.diallo"],
            text="Wait until the figure stands still for ten seconds. If it takes longer than a minute, take the probe "
            "from bay 3 and tell me: bay 2 goes to calibration.",
        )
    with clock.at(clock.moment(40, 6, 30)):
        asked.resolved_at, asked.resolved_by = timezone.now(), people["staff"]
        asked.save()
    with clock.at(clock.moment(3, 13, 5)):
        Comment.objects.create(
            entry=_entry("SOP-OUT-002"),
            author=people["fiona.macrae"],
            text="Two customers now send returns in their own cages. Should the review say who pays for bringing them "
            "back?",
        )
    with clock.at(clock.moment(3, 16, 40)):
        Comment.objects.create(
            entry=_entry("SOP-INV-001"),
            author=people["beatriz.lopes"],
            text="On nights Callum is the only controller. The dock lead could post the difference with his count "
            "attached.",
        )


def _read_old_notices() -> None:
    """What is older than a week was read and mailed long ago."""
    Notice.objects.filter(created_at__lt=timezone.now() - READ_AFTER).update(
        read_at=timezone.now() - READ_AFTER, mailed_at=timezone.now() - READ_AFTER
    )
