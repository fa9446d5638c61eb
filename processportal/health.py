"""Answers for machines: alive, ready, figures. And the one page people get while the database is away."""

import hmac
import shutil
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import redis
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django_prometheus.exports import ExportToDjangoView
from kombu import Connection
from kombu.exceptions import KombuError

from core.models import OutboxMessage

WORKER_KEY = "worker-last-seen"
WORKER_SILENT_AFTER = 180  # seconds; the beat rings it every minute
OUTBOX_LATE_AFTER = timedelta(minutes=15)
DISK_LOW_BELOW = 1024**3
RETRY_AFTER = "30"
DEGRADED_MEANS = "pages work; what leaves the portal or happens later waits"


class HealthMiddleware:
    """Answers the machines' addresses before sessions, languages and host names are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/healthz/live": live, "/healthz/ready": ready, "/metrics": metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info.rstrip("/") or "/")
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Database and migrations decide; the rest is told as degraded, because pages work without it."""
    needed = {"database": _database(), "migrations": "unknown"}
    if needed["database"] == "ok":
        needed["migrations"] = _migrations()
    if set(needed.values()) != {"ok"}:
        return JsonResponse({"status": "not ready", "checks": needed}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    helpful = {"broker": _broker(), "worker": _worker(), "outbox": _outbox(), "disk": _disk()}
    if set(helpful.values()) == {"ok"}:
        return JsonResponse({"status": "ok", "checks": needed | helpful})
    return JsonResponse({"status": "degraded", "meaning": DEGRADED_MEANS, "checks": needed | helpful})


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: with the token, or from this machine when no proxy stands in between."""
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.PORTAL_METRICS_TOKEN}"
    with_token = bool(settings.PORTAL_METRICS_TOKEN) and hmac.compare_digest(sent.encode(), wanted.encode())
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    from_here = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded
    if not (with_token or from_here):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return ExportToDjangoView(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what went wrong; a database that is away is told apart, with the time to try again."""
    context = {"request_id": request.META.get("portal.request_id", "")}
    if _database_went_away(sys.exc_info()[1]):
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER})
    return HttpResponse(render_to_string("500.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _database_went_away(problem: BaseException | None) -> bool:
    """A server stopped in the middle of a query is a plain DatabaseError: only the connection tells."""
    if isinstance(problem, OperationalError | InterfaceError):
        return True
    return isinstance(problem, DatabaseError) and not connection.in_atomic_block and not connection.is_usable()


def note_worker() -> None:
    """A worker says that it works."""
    shared_cache.set(WORKER_KEY, time.time(), timeout=24 * 3600)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _migrations() -> str:
    try:
        return "ok" if _all_applied() else "missing"
    except DatabaseError:
        return "does not answer"


_seen_applied: set[str] = set()


def _all_applied() -> bool:
    """Reading all migrations takes a moment; once they are applied, this process's code needs no other."""
    if not _seen_applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _seen_applied.add(connection.settings_dict["NAME"])
    return True


def _broker() -> str:
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1}
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=patience) as line:
            line.channel().close()  # opening one asks the broker for an answer
    except (OSError, redis.RedisError, KombuError):
        return "does not answer"
    return "ok"


def _worker() -> str:
    seen = shared_cache.get(WORKER_KEY)
    if seen is None:
        return "never seen"
    silent = int(time.time() - seen)
    return "ok" if silent < WORKER_SILENT_AFTER else f"silent for {silent} s"


def _outbox() -> str:
    late = timezone.now() - OUTBOX_LATE_AFTER
    waiting = OutboxMessage.objects.filter(sent_at=None, dead_at=None, due_at__lt=late)
    oldest = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    return "ok" if oldest is None else f"oldest message waits since {oldest.isoformat(timespec='seconds')}"


def _disk() -> str:
    free = shutil.disk_usage(settings.PORTAL_DATA if settings.PORTAL_DATA.exists() else "/").free
    return "ok" if free >= DISK_LOW_BELOW else f"{free // 1024**2} MiB left"
