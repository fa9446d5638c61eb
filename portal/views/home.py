"""Home is what waits for me; beside it what changed, what I starred, what I am writing."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions.models import Task
from core.models import CatalogEntry
from core.search import shown_state
from documents.kinds import kind_choices
from documents.lifecycle import OPEN
from documents.models import Version
from portal import waiting
from portal.task_labels import task_label

RECENT, FAVOURITES, DRAFTS, ROWS = 6, 12, 6, 40


def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    person = request.user
    order = "newest" if request.GET.get("sort") == "newest" else "due"
    groups = waiting.groups_for(person, newest_first=order == "newest")
    visible = CatalogEntry.objects.visible_to(person)
    starred = visible.filter(watches__person=person, watches__is_favourite=True).annotate(shown=shown_state())
    drafts = Version.objects.visible_to(person).filter(author=person, state__in=OPEN).select_related("document")
    context = {
        "now": timezone.now(),
        "groups": with_labels(groups),
        "waiting_count": waiting.count_for(person),
        "order": order,
        "recent": visible.in_force().select_related("owner").order_by("-changed_at")[:RECENT],
        "starred": starred.order_by("title_key")[:FAVOURITES],
        "drafts": drafts.order_by("-changed_at")[:DRAFTS],
        "kinds": dict(kind_choices()),
    }
    return render(request, "portal/home.html", context)


def with_labels(groups: list[waiting.Group]) -> list[waiting.Group]:
    """Give each task the words and icon of its kind."""
    for group in groups:
        label_tasks(group.tasks)
    return groups


def label_tasks(tasks: Any) -> Any:
    for task in tasks:
        task.label = task_label(task.kind)
    return tasks


def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits for me, by kind; and what I finished."""
    person = request.user
    done = request.GET.get("show") == "done"
    tasks = waiting.done_by(person) if done else _open_tasks(person)
    kinds = list(tasks.order_by().values_list("kind", flat=True).distinct())
    kind = request.GET.get("kind", "")
    if kind in kinds:
        tasks = tasks.filter(kind=kind)
    page = Paginator(tasks, ROWS).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "tasks": label_tasks(page.object_list),
        "kinds": [(key, task_label(key).name) for key in sorted(kinds)],
        "kind": kind if kind in kinds else "",
        "done": done,
    }
    return render(request, "portal/inbox.html", context)


def _open_tasks(person: Any) -> Any:
    tasks = waiting.by_time(Task.objects.waiting_for(person), timezone.now())
    return tasks.select_related("entry", "person", "role").order_by("group", "due_at", "id")
