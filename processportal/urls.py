"""The addresses of the portal: each app brings its own, the roof comes last."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from processportal import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path("", include(f"{app}.urls"))
        for app in ("people", "documents", "sops", "actions", "core", "portal")
        if find_spec(f"{app}.urls")
    ),
]

handler500 = "processportal.health.server_error"
