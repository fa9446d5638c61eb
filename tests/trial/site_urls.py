"""The portal's addresses and those of the trial app."""

from django.urls import include, path

from processportal import urls

urlpatterns = [path("", include("tests.trial.urls")), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500
