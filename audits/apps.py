from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("Audits")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from audits import catalog, import_jobs, permissions, receivers  # noqa: F401
        from audits.checklist_kind import register_checklists
        from audits.models import Framework, Requirement
        from audits.own_requirements import HOLDING
        from audits.panels import CHECKLISTS, FULFILS
        from core.kind_registry import KindLabel, register_label
        from core.navigation import NavEntry, register_nav, register_new
        from core.panels import register_panel
        from core.state_labels import register_state
        from documents.models import Document
        from people.groups import allow
        from people.leaving import register_holding
        from people.permissions import register_owner_rules
        from processes.models import Process

        register_label(KindLabel("framework", _("Requirement library"), _("Requirement libraries"), "list", 70))
        register_label(KindLabel("requirement", _("Requirement"), _("Requirements"), "list", 71))
        register_holding(HOLDING)
        register_checklists()
        register_owner_rules(Framework)
        for group in ("officer", "auditor"):
            allow(group, "audits.add_framework", "audits.change_framework", "audits.import_framework")
            allow(group, "audits.write_checklist")
        allow("owner", "audits.write_checklist")
        register_panel(Document, FULFILS)
        register_panel(Document, CHECKLISTS)
        register_panel(Requirement, CHECKLISTS)
        register_panel(Process, FULFILS)
        register_nav(NavEntry(_("Requirements"), "audits:libraries", "list", group="assure", order=30))
        register_new(
            NavEntry(_("Checklist"), "audits:checklist-draft", "clipboard", permission="audits.write_checklist")
        )
        for state, icon, tone, word in (
            ("fulfilled", "check-circle", "ok", _("Fulfilled")),
            ("unfulfilled", "circle", "", _("Nothing linked")),
            ("to_check", "alert", "wait", _("Check the link")),
            ("not_applicable", "minus", "gone", _("Does not apply")),
        ):
            register_state(state, icon, tone, word)
        self._audits_and_findings()

    def _audits_and_findings(self) -> None:
        """Audits, findings and their reports."""
        from audits import (  # noqa: F401
            audit_permissions,
            following,
            receivers_of_audits,
            receivers_of_findings,
            receivers_of_processes,
        )
        from audits.audit_kinds import AUDIT, FINDING
        from audits.finding_panels import ON_DOCUMENT, ON_PROCESS, ON_REQUIREMENT
        from audits.leaving import HOLDINGS
        from audits.models import Requirement
        from audits.report_check import check_reports
        from core.database_roles import keep_append_only
        from core.kinds import register
        from core.navigation import Setting, register_setting
        from core.notices import Topic, register_topic
        from core.panels import register_panel
        from core.state_labels import register_state
        from core.verification import register_check
        from documents.models import Document
        from people.groups import allow
        from people.leaving import register_holding
        from processes.models import Process

        register_check("audit reports", check_reports)
        for model, panel in ((Process, ON_PROCESS), (Document, ON_DOCUMENT), (Requirement, ON_REQUIREMENT)):
            register_panel(model, panel)
        register_setting(
            Setting(
                _("Audits"),
                _("Independence of auditors, repeat findings, grades"),
                "audits:settings",
                "clipboard",
                "audits.change_auditsettings",
                "documents",
                40,
            )
        )
        register(AUDIT)
        register(FINDING)
        for table in ("findingrevision", "auditreport", "reportsignature"):
            keep_append_only(f"audits_{table}")
        for holding in HOLDINGS:
            register_holding(holding)
        for group in ("officer", "auditor"):
            allow(group, "audits.add_audit", "audits.change_audit", "audits.add_finding", "audits.change_finding")
            allow(group, "audits.change_grade", "audits.change_auditsettings")
        for group in ("owner", "manager"):
            allow(group, "audits.add_finding")
        register_topic(Topic("audits", _("Audits and findings I am part of"), always_at_once=True))
        for name, icon, tone, word in (
            ("planned", "calendar", "note", _("Planned")),
            ("reporting", "sign", "wait", _("Reporting")),
            ("closed", "check-circle", "ok", _("Closed")),
            ("finding_draft", "pencil", "", _("Draft")),
            ("finding_open", "circle", "note", _("Open")),
            ("finding_agreed", "half", "note", _("In progress")),
            ("finding_checking", "gauge", "wait", _("Effectiveness check")),
            ("finding_closed", "check-circle", "ok", _("Closed")),
            ("finding_no_action", "minus", "gone", _("No action needed")),
            ("finding_withdrawn", "archive", "gone", _("Withdrawn")),
            ("agreed", "half", "note", _("In progress")),
            ("checking", "gauge", "wait", _("Effectiveness check")),
            ("no_action", "minus", "gone", _("No action needed")),
        ):
            register_state(name, icon, tone, word)
