from django.urls import path

from sops.views import importing

app_name = "sops"

urlpatterns = [
    path("import/", importing.start, name="import"),
    path("import/settings/", importing.settings_page, name="import-settings"),
    path("import/<int:run_id>/", importing.run_page, name="import-run"),
    path("import/<int:run_id>/apply/", importing.apply_run, name="import-apply"),
    path("import/<int:run_id>/undo/", importing.undo_run, name="import-undo"),
]
