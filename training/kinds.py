"""Reading rules as a kind of record: list, form, history, API and the rest come from the kit."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.kinds import Fact
from core.kinds.changes import FactChange
from people.kinds import OwnedKind
from training.models import ReadingRule
from training.models.rule import RuleState


class ReadingRuleKind(OwnedKind):
    """Who has to read which documents."""

    key = "reading-rule"
    model = ReadingRule
    path = "reading/rules"
    icon = "book"
    group = ""  # found on the page of readings
    code_prefix = "RR"
    facts = (
        Fact("document_type", head=True),
        Fact("document_department"),
        Fact("document_codes", column=None),
        Fact("job_roles"),
        Fact("reader_department"),
        Fact("is_for_everyone", column=False),
        Fact("window_days"),
        Fact("needs_signature", column=False),
        Fact("covers_minor", column=False),
    )
    states = {RuleState.ACTIVE: ("check-circle", "ok"), RuleState.RETIRED: ("archive", "gone")}

    def check(self, record: Any, values: dict[str, Any]) -> None:
        super().check(record, values)
        roles = values["job_roles"] if "job_roles" in values else (record.job_roles.all() if record.pk else [])
        if not (record.is_for_everyone or record.reader_department_id or list(roles)):
            raise ValidationError({"job_roles": _("Choose who has to read: a job role, a department, or everyone.")})

    def after_save(self, record: Any, changes: list[FactChange], *, by: Any) -> None:
        """Whoever the rule names now gets what they lack with the next sweep."""
        super().after_save(record, changes, by=by)


READING_RULE = ReadingRuleKind()
