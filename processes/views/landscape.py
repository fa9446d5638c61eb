"""The landscape page: the value chain by category."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from processes.landscape import read_landscape


def landscape(request: HttpRequest) -> HttpResponse:
    """Every process with whether it has a map, an owner and reviews on time."""
    bands = read_landscape(request.user)
    context = {
        "bands": bands,
        "is_empty": not any(band.boxes for band in bands),
        "may_start": request.user.has_perm("processes.add_process"),
        "here": "landscape",
    }
    return render(request, "processes/landscape_page.html", context)
