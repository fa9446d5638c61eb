from django.urls import path

from documents.views import (
    appendices,
    comparing,
    deciding,
    editing,
    exporting,
    files,
    lists,
    pages,
    reviewing,
    settings,
    sharing,
)

app_name = "documents"

VERSION = "documents/<str:code>/versions/<int:sequence>/"

urlpatterns = [
    path("documents/", lists.document_list, name="list"),
    path("documents/export.<str:form>", exporting.export, name="export"),
    path("documents/table/", exporting.table, name="table"),
    path("administration/routes/", settings.routes, name="routes"),
    path("administration/routes/new/", settings.route_form, name="route-new"),
    path("administration/routes/<int:pk>/", settings.route_page, name="route"),
    path("administration/routes/<int:pk>/change/", settings.route_form, name="route-change"),
    path("administration/routes/<int:pk>/use/", settings.route_use, name="route-use"),
    path("administration/kinds/", settings.kinds, name="kinds"),
    path("administration/kinds/<str:key>/", settings.kind_page, name="kind"),
    path("documents/suggest", lists.suggestions, name="suggest"),
    path("documents/new/", editing.new_document, name="new"),
    path("documents/<str:code>/", pages.page, name="page"),
    path("documents/<str:code>/facts/", editing.facts, name="facts"),
    path("documents/<str:code>/new-version/", editing.new_version, name="new-version"),
    path("documents/<str:code>/review/", reviewing.review, name="review"),
    path("documents/<str:code>/retire/", reviewing.retire, name="retire"),
    path("documents/<str:code>/share/", sharing.share, name="share"),
    path("documents/<str:code>/share/<str:key>/end/", sharing.end_share, name="share-end"),
    path("documents/<str:code>/history/", comparing.history, name="history"),
    path("documents/<str:code>/compare/", comparing.compare, name="compare"),
    path("documents/<str:code>/panels/<str:name>/", pages.panel, name="panel"),
    path("documents/<str:code>/qr.svg", pages.qr_code, name="qr"),
    path(VERSION, pages.version_page, name="version-page"),
    path(VERSION + "print/", pages.print_page, name="print"),
    path(VERSION + "file/", files.download, name="file"),
    path(VERSION + "file/read/", files.read, name="file-read"),
    path(VERSION + "edit/", editing.edit, name="edit"),
    path(VERSION + "autosave/", editing.autosave, name="autosave"),
    path(VERSION + "presence/", editing.presence, name="presence"),
    path(VERSION + "appendices/", appendices.appendices, name="appendices"),
    path(VERSION + "appendices/<int:appendix_id>/remove/", appendices.remove, name="appendix-remove"),
    path(VERSION + "submit/", deciding.submit_version, name="submit"),
    path(VERSION + "decide/", deciding.decide, name="version-decide"),
    path(VERSION + "withdraw/", deciding.withdraw, name="withdraw"),
    path(VERSION + "moves/<str:name>/", deciding.move_version, name="version-move"),
    path(VERSION + "seats/<int:seat_id>/reassign/", deciding.reassign, name="reassign"),
]
