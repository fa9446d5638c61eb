from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from core.history import FieldHistory
from core.many_rows import update_rows
from core.models import Record
from core.moments import FAR_AHEAD
from core.numbering import take_code
from core.permissions import opens
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from documents.kinds import Kind, kind_named
from documents.models.kind_settings import KindSettings
from documents.moments import day_there, months_after
from people.models import Department, JobRole


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        return self.filter(audience_keys__overlap=person.keys())

    def worked_on_by(self, person: Any) -> Self:
        """Documents whose unreleased versions the person may see."""
        return self.filter(working_keys__overlap=person.keys())

    def due_for_review(self, until: date) -> Self:
        """Documents in force whose review falls due by ``until``."""
        return self.filter(review_due_on__lte=until, retired_at=None)

    def with_people(self) -> Self:
        return self.select_related("owner", "department", "created_by")


class Document(Record):
    """One controlled document through all its versions: its number, owner, readers and review cycle."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        DEPARTMENT = "department", _("The department and below")
        NAMED = "named", _("Named people and roles only (confidential)")

    kind = models.CharField(_("kind"), max_length=40)
    code = models.CharField(_("number"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_documents",
        verbose_name=_("owner"),
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("department")
    )
    audience = models.CharField(_("who may read it"), max_length=12, choices=Audience.choices, default="everyone")
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("named people")
    )
    reader_roles = models.ManyToManyField(JobRole, blank=True, related_name="+", verbose_name=_("named job roles"))

    review_months = models.PositiveSmallIntegerField(_("review every … months"), default=24)
    review_due_on = models.DateField(_("next review"), null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retire_reason = models.TextField(_("why it was retired"), blank=True)
    retention_until = models.DateField(_("kept until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("replaced by")
    )
    # Where it came from, when it was imported; two rows of one source are one document.
    source_key = models.CharField(max_length=200, blank=True)

    # Derived, kept by ``refresh_audience``: keys that open the document, and keys that open unreleased versions.
    audience_keys = ArrayField(models.CharField(max_length=60), default=list, editable=False)
    working_keys = ArrayField(models.CharField(max_length=60), default=list, editable=False)

    # The next review is counted for many at once, without a line of history each.
    NOT_IN_EACH_HISTORY = ("review_due_on",)

    objects = DocumentQuerySet.as_manager()
    history = FieldHistory(
        excluded_fields=["audience_keys", "working_keys", "row_version"], m2m_fields=[readers, reader_roles]
    )

    class Meta:
        ordering = ["code"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        default_permissions = ()
        permissions = [
            ("keep_documents", "Keep the repository: numbers, owners, readers, retirement"),
            ("adopt_versions", "Take over what was approved before the portal"),
            ("read_shared", "Read one document that was shared with them"),
        ]
        indexes = [
            GinIndex(fields=["audience_keys"], name="document_audience"),
            models.Index(fields=["kind", "code"], name="document_kind_code"),
            models.Index(fields=["review_due_on"], condition=models.Q(retired_at=None), name="document_review_due"),
            models.Index(fields=["-changed_at"], name="document_recent"),
            models.Index(fields=["title", "id"], name="document_title"),
            models.Index(fields=["review_due_on", "id"], name="document_review"),
            models.Index(models.F("review_due_on").desc(nulls_last=True), "id", name="document_review_down"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"], condition=~models.Q(source_key=""), name="one_document_per_import_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("documents:page", args=[self.code])

    @property
    def kind_of(self) -> Kind:
        return kind_named(self.kind)

    @property
    def is_confidential(self) -> bool:
        return self.audience == self.Audience.NAMED

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def is_review_overdue(self) -> bool:
        return bool(self.review_due_on and not self.retired_at and self.review_due_on < timezone.localdate())

    @property
    def is_review_near(self) -> bool:
        """Overdue, or so near that the days until then say more than the date."""
        near = timezone.localdate() + timedelta(days=FAR_AHEAD)
        return bool(self.review_due_on and not self.retired_at and self.review_due_on <= near)

    # --- versions ----------------------------------------------------------------------------------

    def version_in_force(self, at: Any = None) -> Any:
        """The version people work by at ``at`` (now), or None."""
        return self.versions.effective(at).select_related("content", "author").first()

    def was_released(self) -> bool:
        """Whether a version of it ever was approved."""
        return bool(_RELEASED.rows(THE_PORTAL, documents=[self.pk]))

    def open_version(self) -> Any:
        """The draft or version in review, of which there is at most one."""
        return self.versions.open().select_related("content", "author").first()

    # --- who may see it ------------------------------------------------------------------------------

    def keys_of_workers(self, people: set[int | None]) -> list[str]:
        """Keys that open drafts when these people work on the document."""
        keys = ["group:auditor"]
        if not self.is_confidential:
            keys.append("group:officer")
        return keys + [f"person:{pk}" for pk in people if pk]

    def _reader_keys(self) -> list[str]:
        """Keys that open what is released, besides those of grants."""
        if self.audience == self.Audience.EVERYONE:
            return ["everyone"]
        if self.audience == self.Audience.DEPARTMENT:
            return [f"department:{self.department_id}"] if self.department_id else []
        keys = [f"person:{pk}" for pk in self.readers.values_list("pk", flat=True)]
        return keys + [f"role:{pk}" for pk in self.reader_roles.values_list("pk", flat=True)]

    def open_to_workers(self, by: Any) -> None:
        """Set the keys of a document that is being started: nothing is released, nothing granted, nobody decides, so
        who works on it is all who may see it."""
        self.working_keys = sorted(set(self.keys_of_workers({self.owner_id, by.pk})))
        self.audience_keys = list(self.working_keys)

    def refresh_audience(self) -> None:
        """Store the keys again after anything that decides who sees the document has changed."""
        type(self).refresh_audiences([self])

    @classmethod
    def refresh_audiences(cls, documents: "list[Document]") -> None:
        """The same for many, in few statements."""
        for document, (working, audience) in zip(documents, cls.keys_of(documents), strict=True):
            document.working_keys, document.audience_keys = working, audience
        update_rows(documents, ("working_keys", "audience_keys"))

    @classmethod
    def keys_of(cls, documents: "list[Document]") -> "list[tuple[list[str], list[str]]]":
        """The keys that open each of them now: to those who work on it, and to everybody who may see it."""
        authors, seats = _by_document(_AUTHORS, documents), _by_document(_SEATS, documents)
        people, roles = _by_document(_PERSON_GRANTS, documents), _by_document(_ROLE_GRANTS, documents)
        released = _by_document(_RELEASED, documents)
        found = []
        for document in documents:
            pk = document.pk
            # Unreleased versions are opened by owner, authors, who decides on them, officers and auditors.
            working = document.keys_of_workers(
                {document.owner_id, document.created_by_id, *(a for (a,) in authors[pk])}
            )
            working += [f"person:{person}" if person else f"role:{role}" for person, role in seats[pk]]
            reading = document._reader_keys() if released[pk] else []
            reading += [f"grant:p{grant}" for (grant,) in people[pk]] + [f"grant:r{grant}" for (grant,) in roles[pk]]
            found.append((sorted(set(working)), sorted({*working, *reading})))
        return found

    def is_worked_on_by(self, person: Any) -> bool:
        """Whether the person may see unreleased versions."""
        return opens(self.working_keys, person)

    def retire(self, *, by: Any, reason: str, successor: "Document | None", at: datetime) -> None:
        """End the document's life; called by the move of the version in force, with the document locked."""
        years = KindSettings.of(self.kind).retention_years
        self.retired_at, self.retire_reason, self.successor = at, reason, successor
        self.retention_until = months_after(day_there(at), 12 * years)
        self.review_due_on = None
        self.save(by=by, reason=reason)

    def schedule_review(self, *, from_day: date) -> None:
        """Set when the text must be looked at again, counted from ``from_day``."""
        type(self).schedule_reviews([(self, from_day)])

    @classmethod
    def schedule_reviews(cls, days: "list[tuple[Document, date]]") -> None:
        """The same for many, each counted from its own day."""
        for document, day in days:
            document.review_due_on = months_after(day, document.review_months) if document.review_months else None
        update_rows([document for document, _day in days], ("review_due_on",))

    def rename_code(self, code: str, *, by: Any) -> None:
        """Give the document another number; the old one redirects for good."""
        with transaction.atomic():
            FormerCode.objects.create(code=self.code, document=self)
            self.code = take_code(code)
            self.save(by=by, reason=f"number changed to {code}")


class FormerCode(models.Model):
    """A number the document had before; its address still leads here."""

    code = models.CharField(max_length=80, primary_key=True)
    document = models.ForeignKey(Document, models.CASCADE, related_name="former_codes")

    def __str__(self) -> str:
        return self.code


class DocumentGrant(UserObjectPermissionBase):
    """One document shown to one person outside its audience, until a date."""

    content_object = models.ForeignKey(Document, models.CASCADE, related_name="person_grants")
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    @property
    def key(self) -> str:
        """How the grant is named in addresses and, behind "grant:", among a person's keys."""
        return f"p{self.pk}"


class DocumentRoleGrant(models.Model):
    """One document shown to everybody in a job role, until a date."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="role_grants")
    role = models.ForeignKey(JobRole, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "role"], name="one_grant_per_document_and_role"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} → {self.role_id}"

    @property
    def key(self) -> str:
        return f"r{self.pk}"


def _versions() -> Any:
    """Versions of the documents that are asked about; their model is made after this one."""
    asked = OneOf("document", Slot("documents", IDS))
    return Document.versions.rel.related_model.objects.filter(asked).order_by()


_AUTHORS = Question(lambda _: _versions().open().values_list("document_id", "author_id"))
_SEATS = Question(
    lambda _: (
        _versions()
        .open()
        .filter(routes__closed_at=None, routes__steps__seats__isnull=False)
        .values_list("document_id", "routes__steps__seats__person_id", "routes__steps__seats__role_id")
    )
)
_RELEASED = Question(lambda _: _versions().released().values_list("document_id").distinct())
_PERSON_GRANTS = Question(
    lambda _: DocumentGrant.objects.filter(OneOf("content_object", Slot("documents", IDS))).values_list(
        "content_object_id", "pk"
    )
)
_ROLE_GRANTS = Question(
    lambda _: DocumentRoleGrant.objects.filter(OneOf("document", Slot("documents", IDS))).values_list(
        "document_id", "pk"
    )
)


def _by_document(question: Question, documents: list[Document]) -> dict[int, list[tuple[Any, ...]]]:
    """The answers about each document, without the document."""
    answers: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for document, *answer in question.rows(THE_PORTAL, documents=[document.pk for document in documents]):
        answers[document].append(tuple(answer))
    return answers
