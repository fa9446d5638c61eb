"""The addresses of the portal: each app brings its own, the roof comes last."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from processportal import api
from processportal.sign_out import sign_out

APPS = ("people", "documents", "processes", "sops", "kpis", "audits", "training", "actions", "core", "portal")

urlpatterns = [
    path("admin/", admin.site.urls),
    # People sign in with the address their administrator knows: the package's page to change it leads to the profile.
    path("accounts/email/", RedirectView.as_view(pattern_name="people:preferences")),
    # A session alone must not become a password, which signs documents: the first one comes by a link in a mail.
    path("accounts/password/set/", RedirectView.as_view(pattern_name="account_reset_password")),
    path("accounts/logout/", sign_out, name="account_logout"),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *(path("", include(f"{app}.urls")) for app in APPS),
]

handler400 = "core.pages.bad_request.bad_request"
handler500 = "processportal.health.server_error"
