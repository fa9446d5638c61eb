from django.urls import path

from audits.audit_urls import AUDIT_URLS
from audits.views import checklists, frameworks, importing, requirements

app_name = "audits"
urlpatterns = [
    path("requirements/", frameworks.library_list, name="libraries"),
    path("requirements/new/", frameworks.new_library, name="library-new"),
    path("requirements/import/", importing.start, name="framework-import-new"),
    path("requirements/imports/<int:run_id>/", importing.run_page, name="framework-import"),
    path("requirements/imports/<int:run_id>/columns/", importing.columns, name="framework-import-columns"),
    path("requirements/imports/<int:run_id>/apply/", importing.apply_run, name="framework-import-apply"),
    path("checklists/draft/", checklists.draft, name="checklist-draft"),
    path("checklists/requirements/", checklists.suggest_requirements, name="suggest-requirements"),
    path("requirements/suggest/", requirements.suggest_targets, name="suggest-targets"),
    path("requirements/links/<int:link_id>/remove/", requirements.unlink, name="requirement-unlink"),
    path("requirements/links/<int:link_id>/confirm/", requirements.confirm_link, name="requirement-link-confirm"),
    path("requirements/of/<int:entry_id>/", requirements.link_from_record, name="fulfils-new"),
    path("requirements/<str:code>/", frameworks.library, name="framework"),
    path("requirements/<str:code>/change/", frameworks.change_library, name="library-change"),
    path("requirements/<str:code>/changes/", frameworks.changes, name="edition-changes"),
    path("requirements/<str:code>/to-check/", requirements.links_to_check, name="links-to-check"),
    path("requirements/<str:code>/write/", requirements.write, name="requirement-new"),
    path("requirements/<str:code>/all/<str:slug>/", requirements.requirement, name="requirement"),
    path("requirements/<str:code>/all/<str:slug>/below/", frameworks.branch_page, name="requirement-branch"),
    path("requirements/<str:code>/all/<str:slug>/write/", requirements.write, name="requirement-change"),
    path("requirements/<str:code>/all/<str:slug>/applies/", requirements.applicability, name="requirement-applies"),
    path("requirements/<str:code>/all/<str:slug>/link/", requirements.link_from_requirement, name="requirement-link"),
    path("requirements/<str:code>/all/<str:slug>/panels/<str:name>/", requirements.panel, name="requirement-panel"),
    *AUDIT_URLS,
]
