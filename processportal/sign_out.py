"""Signing out on a device that others use as well."""

from functools import wraps

from allauth.account.views import logout
from django.http import HttpRequest, HttpResponse


@wraps(logout)
def sign_out(request: HttpRequest) -> HttpResponse:
    """The package's own view; the browser forgets the pages, so that its back button shows nobody what was read."""
    answer = logout(request)
    if request.method == "POST":
        answer["Clear-Site-Data"] = '"cache"'  # not "storage": texts that were not saved are kept there
    return answer
