"""Addresses of the shell. Included at the root."""

from django.urls import path

from portal import styleguide
from portal.views import help as help_pages

urlpatterns = [
    path("help/", help_pages.help_page, name="help"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/<slug:shape>/", styleguide.shape, name="styleguide-shape"),
]
