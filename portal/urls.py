"""Addresses of the roof: included last, at the root."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.shell_urls")),
]
