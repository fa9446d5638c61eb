import secrets
from typing import Any, Self

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from core.questions import THE_PORTAL, Question, Slot
from people.keys import keys_and_rights_of
from people.models.department import Department
from people.models.job_role import JobRole


class PersonQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def administrators(self) -> Self:
        """Active people who may administer accounts."""
        return self.active().filter(models.Q(is_superuser=True) | models.Q(groups__name="administrator")).distinct()

    def visible_to(self, person: Any) -> Self:
        """Colleagues: everybody who is signed in sees who works here; only administrators see who left."""
        if not person.is_active:
            return self.none()
        return self if person.has_perm("people.change_person") else self.filter(is_active=True)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get(self, *conditions: Any, **lookup: Any) -> "Person":
        """As always; who is signed in is asked for by their id with each request, so that question is kept."""
        is_for_all = type(self) is PersonManager  # department.people is one of its kind too, and asks among its own
        if not is_for_all or conditions or lookup.keys() != {"pk"} or not isinstance(lookup["pk"], int):
            return super().get(*conditions, **lookup)
        person = _BY_ID.first(THE_PORTAL, id=lookup["pk"])
        if person is None:
            raise self.model.DoesNotExist
        return person

    def get_by_natural_key(self, email: str) -> "Person":
        return self.get(email__iexact=email)


_BY_ID = Question(lambda _: Person.objects.filter(pk=Slot("id")).order_by())


def fresh_secret() -> str:
    """An unguessable part for private addresses."""
    return secrets.token_urlsafe(24)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who works here or is invited. Never deleted, so that every signature keeps its name."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("Same as device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Digest(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Once a day")
        WEEKLY = "weekly", _("Once a week")
        NEVER = "never", _("Never")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("department")
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("manager")
    )
    job_roles = models.ManyToManyField(JobRole, blank=True, related_name="people", verbose_name=_("job roles"))
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may open the configuration pages"), default=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)

    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, default=timezone.get_default_timezone_name)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.AUTO)
    digest = models.CharField(_("mail about news"), max_length=8, choices=Digest.choices, default=Digest.WEEKLY)
    # Topic → one of Digest's values, where the person wants it otherwise than ``digest`` says.
    topic_digests = models.JSONField(default=dict, blank=True)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    hides_first_steps = models.BooleanField(default=False, editable=False)
    feed_secret = models.CharField(max_length=64, default=fresh_secret, editable=False)
    # Counted up to end every session of this person, wherever they are signed in.
    session_round = models.PositiveIntegerField(default=0, editable=False)

    objects = PersonManager()
    history = FieldHistory(
        excluded_fields=["password", "last_login", "feed_secret", "session_round", "hides_first_steps"],
        m2m_fields=[job_roles],
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]
        # Lists sorted by owner begin with the first names and stop after a page.
        indexes = [models.Index(fields=["name", "id"], name="person_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def initials(self) -> str:
        words = [w for w in self.name.split() if w[0].isalnum()]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"

    @property
    def is_invited(self) -> bool:
        """Whether the person has not set a password yet."""
        return self.is_active and not self.has_usable_password()

    def end_sessions(self) -> None:
        """Sign the person out everywhere, from the next request on, and close their private addresses; unsaved."""
        self.session_round += 1
        self.feed_secret = fresh_secret()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to stay valid: it changes with the password and with ``end_sessions``."""
        value = f"{self.password}:{self.session_round}"
        return salted_hmac("people.Person.session", value, secret=secret, algorithm="sha256").hexdigest()

    def keys(self) -> list[str]:
        """What opens records for this person: themself, department and above, roles, groups, grants of today."""
        if not self.is_active:
            return []
        return self._keys_and_rights[0]

    @cached_property
    def _keys_and_rights(self) -> tuple[list[str], frozenset[str]]:
        return keys_and_rights_of(self)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Asked about a record, a superuser gets the same answer as anyone: four-eyes rules bind everybody."""
        if not self.is_active:
            return False
        if obj is None:
            return self.is_superuser or perm in self._keys_and_rights[1]
        return any(b.has_perm(self, perm, obj) for b in get_backends() if hasattr(b, "has_perm"))

    def is_in(self, group: str) -> bool:
        """Whether the person belongs to one of the six groups."""
        return f"group:{group}" in self.keys()
