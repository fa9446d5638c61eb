"""Who is asking, for programs: a bearer token in the header, never in the address."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from people.models import ApiToken, Person


class TokenAuth(HttpBearer):
    """Signs a request in by its token; a token that may only read gets no further than that."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        found = ApiToken.find(token)
        if found is None:
            return None
        if found.scope != ApiToken.Scope.WRITE and request.method not in ("GET", "HEAD", "OPTIONS"):
            raise HttpError(403, "This token may only read.")
        request.user = found.person
        return found.person


def asking(request: Any) -> Person:
    """The person in whose name the request is made."""
    return request.auth
