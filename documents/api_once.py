"""What a program sends twice, because it did not hear the answer, happens once: the header ``Idempotency-Key``."""

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _t

from core.lifecycle import Invalid, Refused
from core.models import FormToken
from core.views import find
from documents.models import Version
from people.api import asking


def once(request: HttpRequest, start: Callable[[], Version]) -> Version:
    """The version that this request starts, or started when it came before. One of two that come at the same moment
    waits for the other and takes its own change back."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return start()
    token = _token(request, key)
    if before := _started_before(request, token):
        return before
    try:
        with transaction.atomic():
            version = start()
            kept = f"{version.pk} {_sent(request)}"
            FormToken.objects.create(token=token, person=asking(request), result_url=kept)
    except (IntegrityError, Refused):  # what was started a moment ago may also be what is in the way
        if before := _started_before(request, token):
            return before
        raise
    return version


def _token(request: HttpRequest, key: str) -> str:
    """Of each person their own: two programs that count from 1 are no strangers' repeats. A key has any length."""
    return "api:" + hashlib.sha256(f"{asking(request).pk}:{key}".encode(errors="replace")).hexdigest()[:60]


def _sent(request: HttpRequest) -> str:
    return hashlib.sha256(request.path.encode() + b"\x00" + request.body).hexdigest()


def _started_before(request: HttpRequest, token: str) -> Version | None:
    first = FormToken.objects.filter(pk=token).first()
    if first is None:
        return None
    started, sent = first.result_url.split()
    if sent != _sent(request):
        raise Invalid(_t("Something else was sent with this Idempotency-Key. Take another one."))
    return find(Version, asking(request), pk=started)
