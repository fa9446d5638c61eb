"""What every page starts from: the record as this person may see it, and answers to what was refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t

from core.lifecycle import Refused
from core.models import FormToken


class SentTwice(Exception):
    """The same form arrived a second time while the first was still being worked on; it led to ``result_url``."""

    def __init__(self, result_url: str) -> None:
        super().__init__(result_url)
        self.result_url = result_url


def find(model: type[models.Model] | models.QuerySet, person: Any, **lookup: Any) -> Any:
    """The one record that matches and that the person may see. What is invisible is missing: 404 either way."""
    manager = model.objects if isinstance(model, type) else model
    record = manager.visible_to(person).filter(**lookup).first()
    if record is None:
        raise Http404
    return record


def refuse_politely(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Turn ``Refused`` into a page that says why, with a way back; forms catch it themselves to keep what was typed."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SentTwice as first:
            return redirect(first.result_url or "/")
        except Refused as refusal:
            context = {"message": refusal.message, "back": safe_address(request.META.get("HTTP_REFERER"), request)}
            return render(request, "errors/refused.html", context, status=refusal.status)

    return answer


def safe_address(address: str | None, request: HttpRequest, fallback: str = "/") -> str:
    """The address when it leads to this portal, else the fallback. A word that is no address at all is none here."""
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=hosts, require_https=request.is_secure()):
        return fallback
    return address if address and urlsplit(address).path.startswith("/") else fallback


def sent_before(request: HttpRequest) -> FormToken | None:
    """The token of this form when the same form was sent already (a double click, the back button, a replay)."""
    token = _form_token(request)
    return FormToken.objects.filter(pk=token, person=request.user).first() if token else None


def remember_sent(request: HttpRequest, result_url: str) -> None:
    """Keep that this form was sent and where it led. In the transaction of the change: a second one at the same
    moment waits for the first, raises ``SentTwice`` and takes its own change back."""
    token = _form_token(request)
    if not token:
        return
    try:
        with transaction.atomic():
            FormToken.objects.create(token=token, person=request.user, result_url=result_url)
    except IntegrityError:
        first = sent_before(request)
        if first is None:
            raise Refused(_t("This form belongs to somebody else. Load the page again.")) from None
        raise SentTwice(first.result_url) from None


def _form_token(request: HttpRequest) -> str:
    return request.POST.get("form_token", "").replace("\x00", "")[:64]


def say(request: HttpRequest, text: Any) -> None:
    """Report a success on the next page."""
    messages.success(request, text)
