"""Starting a document or a version by a program: what is sent twice happens once."""

from collections.abc import Callable

from django.http import HttpRequest

from core import idempotency
from documents.models import Version


def once(request: HttpRequest, start: Callable[[], Version]) -> Version:
    """The version that this request starts, or started when it came before."""
    return idempotency.once(request, Version, start)
