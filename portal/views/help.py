"""What people can do here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def help_page(request: HttpRequest) -> HttpResponse:
    """What people can do here, in short, each with the way there."""
    return render(request, "portal/help.html")
