"""What a program sends twice, because it did not hear the answer, happens once: the header ``Idempotency-Key``."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _t

from core.lifecycle import Invalid, Refused
from core.models import FormToken
from core.views import find


def once(request: HttpRequest, records: type[models.Model] | models.QuerySet, act: Callable[[], Any]) -> Any:
    """The record that ``act`` returns, or returned when this request came before; found among ``records`` that the
    person may see. Of two that come at the same moment one waits for the other and takes its own change back.

    Raises ``Invalid`` where something else is sent with a key that was used already."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    token = _token(request, key)
    if before := _done_before(request, records, token):
        return before
    try:
        with transaction.atomic():
            record = act()
            FormToken.objects.create(
                token=token, person=request.user, result_url=f"{record.pk} {_fingerprint(request)}"
            )
    except (IntegrityError, Refused):  # what was done a moment ago may also be what is in the way
        if before := _done_before(request, records, token):
            return before
        raise
    return record


def _token(request: HttpRequest, key: str) -> str:
    """Of each person their own: two programs that count from 1 are no strangers' repeats. A key has any length."""
    return "api:" + hashlib.sha256(f"{request.user.pk}:{key}".encode(errors="replace")).hexdigest()[:60]


def _fingerprint(request: HttpRequest) -> str:
    return hashlib.sha256(request.path.encode() + b"\x00" + request.body).hexdigest()


def _done_before(request: HttpRequest, records: Any, token: str) -> Any:
    first = FormToken.objects.filter(pk=token).first()
    if first is None:
        return None
    key, sent = first.result_url.split()
    if sent != _fingerprint(request):
        raise Invalid(_t("Something else was sent with this Idempotency-Key. Take another one."))
    return find(records, request.user, pk=key)
