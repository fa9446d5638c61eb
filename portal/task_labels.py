"""The tasks that lower apps ask of people, as the home page and the inbox show them; kinds of record add theirs."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.task_labels import register_task_label, task_label

__all__ = ["register_task_label", "task_details", "task_label"]


def task_details(task: Any) -> list[str]:
    """What a row says beneath the title, which stands there already: which version it is, and who asks."""
    said = task.said.get("values", {})
    about = _t("Version %(number)s") % said if said.get("number") else ""
    details = [about if said.get("title") == task.entry.title else task.words]
    if said.get("by"):
        details.append(_t("from %(by)s") % said)
    return [detail for detail in details if detail]


for _kind, _icon, _name, _button in (
    ("decide", "sign", _("Decide"), pgettext_lazy("button", "Review")),
    ("review", "history", _("Review due"), pgettext_lazy("button", "Review")),
    ("revise", "undo", _("Changes requested"), _("Change")),
    ("read", "book", _("Read and acknowledge"), _("Read")),
    ("act", "flag", _("Action"), _("Open")),
    ("verify_action", "shield", _("Verify an action"), _("Verify")),
    ("audit", "clipboard", _("Audit"), _("Open")),
    ("finding", "flag", _("Finding"), _("Respond")),
    ("commitment", "sign", _("Commitment to accept"), _("Open")),
    ("effectiveness", "gauge", _("Effectiveness check"), _("Judge")),
    ("sign_report", "sign", _("Audit report to sign"), _("Sign")),
):
    register_task_label(_kind, _icon, _name, _button)
