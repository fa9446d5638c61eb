"""The addresses of audits and findings."""

from django.urls import URLPattern, path

from audits.audit_kinds import AUDIT, FINDING
from audits.views import running
from audits.views.settings import audit_settings, grade

RUN = "audits/<str:code>/run/"

RUNNING: list[URLPattern] = [
    path(RUN, running.run, name="run"),
    path(RUN + "<str:key>/answer/", running.answer, name="answer"),
    path(RUN + "<str:key>/evidence/", running.add_evidence, name="evidence"),
    path(RUN + "<str:key>/evidence/<uuid:evidence_id>/remove/", running.remove, name="evidence-remove"),
    path(RUN + "<str:key>/finding/", running.finding, name="question-finding"),
]

SETTINGS: list[URLPattern] = [
    path("administration/audits/", audit_settings, name="settings"),
    path("administration/audits/grades/<slug:key>/", grade, name="grade"),
]

AUDIT_URLS: list[URLPattern] = [*SETTINGS, *RUNNING, *AUDIT.urls(), *FINDING.urls()]
