"""Putting people on the team of an audit: independent ones at once, others with a name and a reason."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.independence import Scope, conflicts_of
from audits.lifecycle import UNFINISHED_AUDITS
from audits.models import Audit, AuditMember, AuditSettings
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.safe.words import Said
from core.saying import in_words, say_again, to_keep


class Conflicted(Refused):
    """Somebody is not independent of what is audited; ``conflicts`` says why, in words."""

    def __init__(self, person: Any, conflicts: list[Said]) -> None:
        self.conflicts = conflicts
        reasons = "; ".join(in_words(one) for one in conflicts)
        super().__init__(
            _t("%(name)s cannot audit this: %(reasons)s. Choose somebody else, or let another person decide otherwise.")
            % {"name": person, "reasons": reasons}
        )


def conflicts_in(audit: Audit, person: Any, *, seen_by: Any, scope: Scope | None = None) -> list[Said]:
    """What speaks against the person on this audit; people check their own work in a self-check."""
    if audit.is_self_check:
        return []
    months = AuditSettings.current().independence_months
    return conflicts_of(person, scope or Scope.of(audit), months=months, seen_by=seen_by)


def join(audit: Audit, person: Any, *, by: Any, override_reason: str = "") -> AuditMember:
    """Put a person on the team. Raises ``Conflicted`` where they are not independent and nobody says why they may."""
    _refuse_unless_changeable(audit, by)
    if not person.is_active:
        raise Refused(_t("%(name)s has left. Choose somebody else.") % {"name": person})
    if not audit.is_self_check and person.pk == audit.owner_id:
        raise Refused(_t("%(name)s answers for what is audited and cannot audit it.") % {"name": person})
    known = audit.members.filter(person=person, left_at=None).first()
    if known:
        return known
    conflicts = conflicts_in(audit, person, seen_by=by)
    override_reason = override_reason.strip()
    if conflicts and not override_reason:
        refusal = Conflicted(person, conflicts)
        record_refusal(audit, "joined", by=by, reason=str(refusal.message))
        raise refusal
    if conflicts and by.pk == person.pk:
        raise NotAllowed(_t("Somebody else must decide that you may audit this."))
    with transaction.atomic():
        audit.locked()
        known = audit.members.filter(person=person, left_at=None).first()
        if known:  # somebody else put them there at the same moment
            return known
        member = AuditMember.objects.create(
            audit=audit,
            person=person,
            conflicts=[{"text": str(one), **to_keep(one)} for one in conflicts],
            override_by=by if conflicts else None,
            override_reason=override_reason if conflicts else "",
        )
        audit.refresh_audience()
        record_line(
            audit,
            "overridden" if conflicts else "joined",
            by=by,
            reason=override_reason if conflicts else "",
            data={"to": str(person), "conflicts": [str(one) for one in conflicts]},
        )
    return member


def leave(audit: Audit, person: Any, *, by: Any) -> None:
    """Take a person off the team; their answers stay, theirs by name."""
    _refuse_unless_changeable(audit, by)
    if person.pk == audit.lead_id:
        raise Refused(_t("Choose another lead auditor first."))
    with transaction.atomic():
        if audit.members.filter(person=person, left_at=None).update(left_at=timezone.now()):
            record_line(audit, "left", by=by, data={"to": str(person)})


def lead_by(audit: Audit, person: Any, *, by: Any, override_reason: str = "") -> None:
    """Let another person lead the audit; they join the team."""
    with transaction.atomic():
        join(audit, person, by=by, override_reason=override_reason)
        audit = audit.locked()
        before, audit.lead = audit.lead, person
        audit.save(by=by, reason="lead changed")
        record_line(audit, "lead_changed", by=by, data={"from": str(before), "to": str(person)})


def refuse_new_conflicts(audit: Audit, *, by: Any) -> None:
    """Raise ``Conflicted`` where somebody on the team is not independent any more and nobody said why they may."""
    scope = Scope.of(audit)
    for member in audit.team():
        if not member.override_by_id:
            conflicts = conflicts_in(audit, member.person, seen_by=by, scope=scope)
            if conflicts:
                raise Conflicted(member.person, conflicts)


def conflict_words(member: AuditMember) -> list[str]:
    """What spoke against a member when they joined, in the language that is active."""
    return [in_words(say_again({k: one[k] for k in ("pattern", "values")}, one["text"])) for one in member.conflicts]


def _refuse_unless_changeable(audit: Audit, by: Any) -> None:
    if not by.has_perm("audits.change_audit", audit):
        raise NotAllowed(_t("You may not change the team of this audit."))
    if audit.state not in UNFINISHED_AUDITS:
        raise Refused(_t("The audit is over: its team can no longer be changed."))
