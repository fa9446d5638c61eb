"""The API for programs: one description, one way to sign in, one shape of errors."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from core.kinds import all_kinds
from core.kinds.api import router_of
from core.lifecycle import Refused
from core.models.record import Stale
from documents.api import router as documents
from kpis.api import router as kpis
from people.api import TokenAuth
from portal.api import router as portal

STARTS_ONCE = ("/api/documents", "/api/documents/{code}/versions")
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The same POST with the same key answers with what the first one started, for a week.",
}
REFUSAL = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]},
        "row_version": {"type": "integer", "description": "with 409: what somebody else saved meanwhile"},
    },
}


class DescribedAPI(NinjaAPI):
    """Says of each address how it refuses, and where a repeat is harmless."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """The description of every address."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"]["Refusal"] = REFUSAL
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                operation["responses"]["4XX"] = {"description": "Refused; `detail` says why", "content": content}
                if method == "post" and path in STARTS_ONCE:
                    operation["parameters"].append(KEY)
        return schema


api = DescribedAPI(
    title="Process Portal",
    version="1",
    description=(
        "Sign in with `Authorization: Bearer <token>`; who keeps the server makes tokens. "
        "A document that is signed is approved here with password or one-time code; with a passkey or single sign-on "
        "in the browser only."
    ),
    auth=TokenAuth(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", documents)
api.add_router("", portal)
api.add_router("", kpis)
for _kind in all_kinds():
    api.add_router(f"/{_kind.base_path}", router_of(_kind))


@api.exception_handler(Http404)
def missing(request: HttpRequest, problem: Exception) -> HttpResponse:
    """What does not exist and what is hidden answer alike."""
    return api.create_response(request, {"detail": _t("Not found")}, status=404)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, problem: Exception) -> HttpResponse:
    """No token, or one that is not known, was withdrawn or belongs to somebody who left: one answer for all."""
    detail = _t("Send `Authorization: Bearer <token>` with a token that is in use. Who keeps the server makes tokens.")
    answer = api.create_response(request, {"detail": detail}, status=401)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(Refused)
def refused(request: HttpRequest, problem: Refused) -> HttpResponse:
    return api.create_response(request, {"detail": str(problem.message)}, status=problem.status)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """What is wrong in which field, in the form in which the description's own checks say it."""
    found = problem.message_dict if hasattr(problem, "error_dict") else {"__all__": problem.messages}
    detail = [
        {"type": "value_error", "loc": ["body"] if name == "__all__" else ["body", name], "msg": text}
        for name, texts in found.items()
        for text in texts
    ]
    return api.create_response(request, {"detail": detail}, status=422)


@api.exception_handler(Stale)
def stale(request: HttpRequest, problem: Stale) -> HttpResponse:
    """Somebody saved meanwhile: the newer row version is told, so that the caller can read and merge."""
    answer: dict[str, Any] = {"detail": str(problem), "row_version": problem.record.row_version}
    return api.create_response(request, answer, status=409)


urls = api.urls  # made once: each reading of ``api.urls`` makes new views
# Programs sign in by their token, which the API checks itself; the sign-in page is for browsers.
for _pattern in urls[0]:
    login_not_required(_pattern.callback)
