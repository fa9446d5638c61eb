"""What holds for every request: the person's own language and zone, no copy of their pages on the way, and no character
the database cannot keep."""

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from core.not_found import keep_not_found
from core.pages.bad_request import bad_request

# Pages about accounts: no copy stays even in the browser.
OF_ACCOUNTS = ("/accounts/", "/me/", "/invitation/", "/setup/", "/audit-log/", "/people/")


class PersonalSettingsMiddleware:
    """Shows dates in the person's zone and texts in their language; visitors get what their browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        try:
            zone = ZoneInfo(person.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = timezone.get_default_timezone()
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone):
            return self.get_response(request)


class PersonalPagesMiddleware:
    """A page is for one person: nothing on the way keeps it, and the browser asks before it shows it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        is_secret = getattr(request, "is_confidential", False) or request.path.startswith(OF_ACCOUNTS)
        answer.headers.setdefault("Cache-Control", "private, no-store" if is_secret else "private, no-cache")
        return answer


class NulMiddleware:
    """PostgreSQL keeps no NUL in a text. Nobody types one: whoever sends it gets 400, wherever it stood."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The driver refuses it before the database is asked, so that nothing is half done."""
        if isinstance(exception, ValueError) and "NUL (0x00)" in str(exception):
            return bad_request(request, exception)
        return None


class HiddenRecordsMiddleware:
    """Who asks for the address of a record that is hidden from them leaves a line in the audit log.

    The same work is done for an address at which there never was anything, so that the time an answer takes tells
    nobody which of the two it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == HTTPStatus.NOT_FOUND and request.user.is_authenticated and request.resolver_match:
            keep_not_found(request.user, request.path)
        return answer
