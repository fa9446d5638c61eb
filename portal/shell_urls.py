"""Addresses of the shell. Included at the root."""

from django.urls import path

from portal import shell, styleguide

urlpatterns = [
    path("look/", shell.look, name="look"),
    path("keys/", shell.keys, name="keys"),
    path("help/", shell.help_page, name="help"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/<slug:shape>/", styleguide.shape, name="styleguide-shape"),
]
