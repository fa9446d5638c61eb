"""Inviting people: an account without a password, and a link by mail with which they set it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _t

from core.ledger import line_of, record_line, record_lines
from core.lifecycle import Refused
from core.models import OutboxMessage
from core.organisation import organisation_name
from core.outbox import mail_to, post_new
from people.changing import refuse_unless_administered, set_groups, words
from people.models import Invitation, Person
from people.models.invitation import digest_of


def add_person(*, by: Any, email: str, name: str, values: dict[str, Any], reason: str = "") -> Person:
    """A new account without a password. ``values`` as for ``change_person``."""
    values = dict(values)
    roles, groups = values.pop("job_roles", []), values.pop("groups", None) or ["staff"]
    person = get_user_model()(email=email.strip().lower(), name=name.strip(), **values)
    person.set_unusable_password()
    person._history_user, person._change_reason = by, reason[:100] or None
    with transaction.atomic():
        person.save()
        set_groups(person, groups)
        if person.is_staff:
            Person.objects.filter(pk=person.pk).update(is_staff=True)
        if roles:
            person.job_roles.set(roles)
        record_line(person, "person_added", by=by, reason=reason, data={"email": email, "groups": words(groups)})
    return person


def send_link(person: Person, *, by: Any) -> Invitation:
    """Mail a link with which the person sets a password; earlier links stop working."""
    return send_links([person], by=by)[0]


def send_links(people: list[Person], *, by: Any) -> list[Invitation]:
    """The same for many people, written together: four statements however many they are."""
    for person in people:
        refuse_unless_administered(person, by=by, event="send password link")
        if not person.is_active:
            raise Refused(_t("%(name)s is deactivated. Reactivate the account first.") % {"name": person})
    with transaction.atomic():
        made = Invitation.make_many(people, by=by)
        post_new([_mail(invitation, token) for invitation, token in made])
        record_lines([line_of(person, "password_link_sent", by=by) for person in people])
    return [invitation for invitation, _token in made]


def _mail(invitation: Invitation, token: str) -> OutboxMessage:
    person = invitation.person
    is_new = not person.has_usable_password()
    context = {
        "person": person,
        "by": invitation.invited_by,
        "organisation": organisation_name(),
        "address": settings.PORTAL_BASE_URL + reverse("people:invitation", args=[token]),
        "until": invitation.expires_at,
    }
    with translation.override(person.language):
        subject = _t("Your account for Process Portal") if is_new else _t("Set a new password for Process Portal")
        name = "invitation" if is_new else "new_password"
        text = render_to_string(f"mail/people/{name}.txt", context)
    # "direct:" mails lose their text once they are delivered: this one opens an account.
    return mail_to(person, subject, text, key=f"direct:invitation:{invitation.pk}", expires_at=invitation.expires_at)


def open_invitation(token: str) -> Invitation | None:
    """The invitation behind a link that still works."""
    return Invitation.objects.open().filter(token_hash=digest_of(token)).select_related("person").first()


def accept(token: str, *, password: str) -> Person | None:
    """Set the password and use the link up; None when somebody was quicker or the link has ended."""
    with transaction.atomic():
        invitation = (
            Invitation.objects.open().filter(token_hash=digest_of(token)).select_for_update(of=("self",)).first()
        )
        if invitation is None:
            return None
        invitation.used_at = timezone.now()
        invitation.save(update_fields=["used_at"])
        person = invitation.person
        person.set_password(password)
        person.save(update_fields=["password"])
        record_line(person, "password_set", by=person, reason="by the link of an invitation")
    return person
