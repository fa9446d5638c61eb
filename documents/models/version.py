import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from core.lifecycle import LifecycleModel, Move, NotAllowed, Refused
from core.models import Record
from core.questions import THE_PORTAL, Question, Slot
from core.signing import Signature
from documents.lifecycle import EDITABLE, MOVES, OPEN, RELEASED, State
from documents.models.content import Content
from documents.models.document import Document
from documents.models.kind_settings import KindSettings
from documents.models.signed_files import Files, files_signed_with
from documents.moments import day_there, start_of_day

LONGEST_NUMBER = 9  # digits that fit their column


def hash_of(manifest: dict[str, Any]) -> str:
    """sha256 of a manifest's canonical JSON, as hexadecimal digits."""
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class VersionQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Released versions of documents the person may read; unreleased ones only for who works on them."""
        keys = person.keys()
        return self.filter(document__audience_keys__overlap=keys).filter(
            Q(state__in=RELEASED) | Q(document__working_keys__overlap=keys)
        )

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def released(self) -> Self:
        return self.filter(state__in=RELEASED)

    def effective(self, at: datetime | None = None) -> Self:
        """Versions in force at a moment (now)."""
        at = at or timezone.now()
        return self.filter(state__in=RELEASED, effective_from__lte=at).exclude(effective_until__lte=at)

    def showing(self, picture: Any) -> Self:
        """Versions in whose text this picture stands."""
        place = Func(
            Value(str(picture).encode(), output_field=models.BinaryField()),
            F("content__bytes"),
            template="position(%(expressions)s)",
            arg_joiner=" IN ",
            output_field=models.IntegerField(),
        )
        return self.filter(GreaterThan(place, 0))

    def scheduled(self, at: datetime | None = None) -> Self:
        """Approved versions whose day has not come."""
        return self.filter(state=State.APPROVED, effective_from__gt=at or timezone.now())


class Version(Record, LifecycleModel):
    """One version of a document, from draft to the end of its life. Released content never changes."""

    class Change(models.TextChoices):
        MAJOR = "major", _("Major: people must read it again")
        MINOR = "minor", _("Minor: wording, no change of what people do")

    MOVES = MOVES

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    sequence = models.PositiveIntegerField()
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=300)
    content = models.ForeignKey(Content, models.PROTECT, related_name="versions")
    file_name = models.CharField(max_length=200, blank=True)  # set when the version is an uploaded file
    data = models.JSONField(default=dict, blank=True)  # what the kind keeps beside the content; signed with it
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Everybody who opened it, wrote in it or changed its appendices: none of them decides on it.
    writer_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    change = models.CharField(_("size of the change"), max_length=5, choices=Change.choices, default=Change.MAJOR)
    reason = models.TextField(_("reason for the change"), blank=True)
    planned_on = models.DateField(
        _("takes effect on"), null=True, blank=True, help_text=_("Leave empty to take effect with the last approval.")
    )

    # Fixed at submit.
    major = models.PositiveIntegerField(null=True, editable=False)
    minor = models.PositiveIntegerField(null=True, editable=False)
    number_label = models.CharField(max_length=20, blank=True)  # an old number that is not major.minor ("C")
    manifest_hash = models.CharField(max_length=64, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    # Fixed at approval; ``effective_until`` once more when the next one is approved or this one retired.
    approved_at = models.DateTimeField(null=True, editable=False)
    effective_from = models.DateTimeField(null=True, editable=False)
    effective_until = models.DateTimeField(null=True, editable=False)
    # Who approved it and when, as the old system said, for what was approved before the portal.
    approved_before = models.JSONField(null=True, editable=False)
    # Set by the sweep when it has told people that the version took effect or was superseded.
    announced_at = models.DateTimeField(null=True, editable=False)

    objects = VersionQuerySet.as_manager()
    history = FieldHistory(excluded_fields=["row_version", "announced_at", "writer_ids"])

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["document", "sequence"], name="one_version_per_sequence"),
            models.UniqueConstraint(fields=["document"], condition=Q(state__in=OPEN), name="one_open_draft_at_a_time"),
            models.UniqueConstraint(
                fields=["document", "major", "minor"],
                condition=Q(state__in=RELEASED, number_label=""),
                name="one_released_version_per_number",
            ),
            ExclusionConstraint(
                name="one_version_in_force_at_a_time",
                expressions=[
                    ("document", RangeOperators.EQUAL),
                    (
                        Func(
                            F("effective_from"),
                            F("effective_until"),
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(effective_from__isnull=False),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=RELEASED) | Q(effective_from__isnull=False, approved_at__isnull=False),
                name="released_versions_say_from_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_from"], condition=Q(announced_at=None, state="approved"), name="version_unannounced"
            ),
            # "Was this very file imported before?"
            models.Index(
                KeyTextTransform("source_sha256", "data"),
                condition=Q(data__has_key="source_sha256"),
                name="version_by_source_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.code} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("documents:version-page", args=[self.document.code, self.sequence])

    # --- names and states ------------------------------------------------------------------------------

    @property
    def code(self) -> str:
        """The document's code: ledger lines and pages name the version by it and its number."""
        return f"{self.document.code} {self.number}".strip()

    @property
    def number(self) -> str:
        """ "4.0" once it was submitted, before that an empty text."""
        if self.number_label:
            return self.number_label
        return f"{self.major}.{self.minor}" if self.major is not None else ""

    @property
    def shown_state(self) -> str:
        """The state people are shown: an approved version is effective or superseded as time goes by."""
        if self.state != State.APPROVED:
            return self.state
        now = timezone.now()
        if self.effective_until and self.effective_until <= now:
            return "superseded"
        return "effective" if self.effective_from and self.effective_from <= now else "approved"

    @property
    def effective_on(self) -> date | None:
        """The day it takes effect, as the organisation chose it."""
        return day_there(self.effective_from) if self.effective_from else None

    @property
    def ended_on(self) -> date | None:
        """The day on which its time ended."""
        return day_there(self.effective_until) if self.effective_until else None

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_released(self) -> bool:
        return self.state in RELEASED

    @property
    def is_file(self) -> bool:
        return bool(self.file_name)

    # --- who wrote it ------------------------------------------------------------------------------------

    def wrote(self, person: Any) -> bool:
        """Whether the person had a hand in what is decided on: opened it, wrote in it, or submitted it."""
        return person.pk in self.makers()

    def makers(self) -> set[int]:
        """Who had a hand in it, by key."""
        return {pk for pk in (self.author_id, self.submitted_by_id, *self.writer_ids) if pk}

    def note_writer(self, person: Any) -> list[str]:
        """Remember who is writing, unsaved; names the field that became different by it."""
        if person.pk in self.writer_ids:
            return []
        self.writer_ids = [*self.writer_ids, person.pk]
        return ["writer_ids"]

    # --- content ----------------------------------------------------------------------------------------

    def body_bytes(self) -> bytes:
        return bytes(self.content.bytes)

    def manifest(self, files: Files | None = None) -> dict[str, Any]:
        """What a signature vouches for, in a form that gives the same bytes everywhere. ``files``: what the caller
        asked for many versions at once."""
        return {
            "code": self.document.code,
            "kind": self.document.kind,
            "number": self.number,
            "title": self.title,
            "content": self.content_id,
            "file": self.file_name,
            "data": self.data,
            **(files_signed_with([self])[0] if files is None else files),
        }

    def compute_manifest_hash(self, files: Files | None = None) -> str:
        return hash_of(self.manifest(files))

    def content_hash(self) -> str:
        return self.manifest_hash

    # --- moving -----------------------------------------------------------------------------------------

    def family(self) -> Document:
        return self.document

    def route(self) -> Any:
        """The route that decides on this version now, or decided on it last."""
        route = self.routes.order_by("-id").first()
        if route:
            route.version = self
        return route

    def belongs_to(self, family: models.Model | None) -> None:
        self.document = family

    @classmethod
    def look_ahead(cls, move: Move, records: list[Self]) -> list[dict[str, Any]]:
        """Contents, files and released neighbours of versions that are taken over together."""
        if move.name != "adopt":
            return super().look_ahead(move, records)
        models.prefetch_related_objects(records, "content")
        neighbours: dict[int, list[Version]] = defaultdict(list)
        for other in cls.objects.released().filter(document__in=[record.document_id for record in records]):
            neighbours[other.document_id].append(other)
        return [
            {"files": files, "neighbours": neighbours[record.document_id]}
            for record, files in zip(records, files_signed_with(records), strict=True)
        ]

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        if move.name == "submit":
            self._check_submit()
        if move.name == "approve":
            route = self._deciding(**facts)
            if not route.is_complete():
                raise Refused(
                    _t("The route is not complete: %(names)s still decide.") % {"names": route.waiting_names()}
                )
        if move.name == "retire":
            self._check_retire()
            self._refuse_unless_signed_by_two(by=by, **facts)

    def _deciding(self, *, route: Any = None, **facts: Any) -> Any:
        """The route that asks for the move, as it has just read itself under the lock; else as it is stored."""
        return route if route is not None and route.version_id == self.pk else self.route()

    def _check_submit(self) -> None:
        if not self.title.strip():
            raise Refused(_t("Enter a title."))
        kind = self.document.kind_of
        if not self.is_file and kind.has_nothing_in(self.body_bytes()):
            raise Refused(_t("It is empty. Write it before you submit it."))
        if not self.reason.strip() and self.document.versions.released().exists():
            raise Refused(_t("Enter the reason for the change."))
        if self.planned_on and self.planned_on < timezone.localdate():
            raise Refused(_t("The date from which it takes effect has passed. Choose today or later."))

    def refuse_unless_retirable(self, *, by: Any, reason: str) -> None:
        """Raise ``Refused`` where the move would be, but for the second signature."""
        move = self.find_move("retire")
        self._refuse_unless_possible(move, by=by, comment=reason)
        self._check_retire()

    def _refuse_unless_signed_by_two(
        self,
        *,
        by: Any,
        signature: Signature | None = None,
        asked: Any = None,
        is_import_undone: bool = False,
        **facts: Any,
    ) -> None:
        """Where the type of document signs, its end is signed by two people. What an import brought in as approved
        before the portal is taken back with the import, which has a signature of its own."""
        settings = KindSettings.of(self.document.kind)
        if settings.signing != KindSettings.Signing.SIGNATURE or (is_import_undone and self.approved_before):
            return
        settings.refuse_unless_signed(signature, by=by)
        if asked is None or asked.version_id != self.pk or asked.closed_at:
            raise Refused(_t("Retiring it needs the signatures of two people. Ask for it on its page first."))
        if asked.asked_by_id == by.pk:
            raise NotAllowed(_t("You asked for it yourself. Somebody else has to sign too."))

    def _check_retire(self) -> None:
        if self.shown_state != "effective":
            raise Refused(_t("Only the version in force can be retired."))
        if self.document.versions.open().exists():
            raise Refused(_t("A draft is open. Discard it before you retire the document."))

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        return getattr(self, f"_on_{move.name}", lambda **_facts: {})(by=by, **facts)

    def _on_submit(self, *, by: Any, **facts: Any) -> dict[str, Any]:
        self.major, self.minor = self._next_number()
        self.submitted_at, self.submitted_by = timezone.now(), by
        self.manifest_hash = self.compute_manifest_hash()
        return {"number": self.number}

    def _on_withdraw(self, *, by: Any, **facts: Any) -> dict[str, Any]:
        self._deciding(**facts).close()
        return {}

    _on_request_changes = _on_withdraw

    def _next_number(self) -> tuple[int, int]:
        last = (
            self.document.versions.released()
            .exclude(major=None)
            .order_by("-major", "-minor")
            .values_list("major", "minor")
            .first()
        )
        if last is None:
            return 1, 0
        return (last[0] + 1, 0) if self.change == self.Change.MAJOR else (last[0], last[1] + 1)

    def _on_approve(self, *, by: Any, **facts: Any) -> dict[str, Any]:
        self._deciding(**facts).close()
        self.approved_at = timezone.now()
        self.take_effect_from(
            max(start_of_day(self.planned_on), self.approved_at) if self.planned_on else self.approved_at
        )
        return {"effective_from": self.effective_from.astimezone(UTC).isoformat()}

    def _on_adopt(
        self,
        *,
        by: Any,
        number: str,
        effective_on: date,
        approved_before: dict[str, Any],
        told: dict[str, Any] | None = None,
        files: Files | None = None,
        neighbours: "list[Version] | None" = None,
        **facts: Any,
    ) -> dict[str, Any]:
        """Take over a version that was approved before the portal, with its old number and dates. ``told``: what else
        the ledger keeps; ``files`` and ``neighbours``: as looked for ahead."""
        if neighbours is None:
            neighbours = list(_RELEASED.rows(THE_PORTAL, document=self.document_id))
        moment = start_of_day(effective_on)
        if any(_is_of_the_portal(other, moment) for other in neighbours if other.pk != self.pk):
            raise Refused(_t("A version that was approved in the portal is never superseded by an import."))
        self.set_old_number(number)
        self.manifest_hash = self.compute_manifest_hash(files)
        self.approved_at, self.approved_before = timezone.now(), approved_before
        self.take_effect_from(moment, neighbours)
        return {"approved_before_the_portal": approved_before, "number": self.number} | (told or {})

    def set_old_number(self, number: str) -> None:
        """Keep "3" as 3.0 and "3.1" as it is; what is not such a number ("C") is kept as a label."""
        parts = number.strip().removeprefix("v").removeprefix("V").split(".")
        if len(parts) <= 2 and all(part.isdecimal() and len(part) <= LONGEST_NUMBER for part in parts):
            self.major, self.minor = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
            self.number_label = ""
        else:
            self.number_label = number.strip()[:20]

    def take_effect_from(self, moment: datetime, neighbours: "list[Version] | None" = None) -> None:
        """Set the moment, ending what is in force before it. A version whose day had not come by then never takes
        effect: a newer text was approved for an earlier day. (The document is locked by the caller.)"""
        if neighbours is None:
            neighbours = _RELEASED.rows(THE_PORTAL, document=self.document_id)
        for other in neighbours:
            if other.pk == self.pk or (other.effective_until and other.effective_until <= moment):
                continue
            other.effective_until = max(moment, other.effective_from)
            other.save(reason=f"superseded by sequence {self.sequence}")
        self.effective_from, self.effective_until = moment, None

    def _on_retire(
        self,
        *,
        by: Any,
        comment: str = "",
        successor: Document | None = None,
        signature: Signature | None = None,
        asked: Any = None,
        **facts: Any,
    ) -> dict[str, Any]:
        now = timezone.now()
        if asked is not None:
            asked.closed_at, asked.closed_by, asked.is_confirmed = now, by, True
            asked.save(update_fields=["closed_at", "closed_by", "is_confirmed"])
        for scheduled in self.document.versions.scheduled(now):
            scheduled.effective_until = scheduled.effective_from
            scheduled.save(by=by, reason="retired before it took effect")
        self.effective_until = now
        self.document.retire(by=by, reason=comment, successor=successor, at=now)
        told = {"successor": successor.code if successor else "", "signed_with": signature.method if signature else ""}
        if asked is not None:
            told |= {"asked_by": asked.by_name, "asked_signed_with": asked.signing_method}
        return told


def _is_of_the_portal(version: Version, moment: datetime) -> bool:
    """Whether it was approved in the portal and would be ended by what takes effect at this moment."""
    return version.approved_before is None and (version.effective_until is None or version.effective_until > moment)


_RELEASED = Question(lambda _: Version.objects.released().filter(document=Slot("document")))
