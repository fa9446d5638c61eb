"""Home is what waits for me; beside it what changed, what I starred, what I am writing."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.kind_registry import label_choices
from core.models import CatalogEntry
from core.questions import Question, Slot
from core.views import say
from documents.lifecycle import OPEN
from documents.models import Version
from kpis.models import Kpi
from portal import first_steps, waiting
from portal.task_labels import task_details, task_label

RECENT, FAVOURITES, DRAFTS, ROWS = 6, 12, 6, 40
LISTS = {"done": waiting.done_by, "team": waiting.late_in_team}  # of the inbox, beside what waits for me

# Read off the index of changes until six are found, however rare the keys are: that plan depends on the keys.
_RECENT = Question(
    lambda person: (
        CatalogEntry.objects.visible_to(person)
        .in_force(Slot("now"))
        .select_related("owner")
        .order_by("-changed_at")[:RECENT]
    ),
    planned_each_time=True,
)
_STARRED = Question(
    lambda person: (
        CatalogEntry.objects.visible_to(person)
        .filter(watches__person=person.pk, watches__is_favourite=True)
        .order_by("title_key")[:FAVOURITES]
    )
)
_DRAFTS = Question(
    lambda person: (
        Version.objects.visible_to(person)
        .filter(author=person.pk, state__in=OPEN)
        .select_related("document")
        .order_by("-changed_at")[:DRAFTS]
    )
)


def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    person = request.user
    order = "newest" if request.GET.get("sort") == "newest" else "due"
    groups = waiting.groups_for(person, newest_first=order == "newest")
    steps = first_steps.steps_for(person)
    context = {
        "now": timezone.now(),
        "first_steps": steps,
        "has_kpis": Kpi.objects.in_use().entered_by(person).exists(),
        "done": sum(step.is_done for step in steps),
        "all": len(steps),
        "groups": with_labels(groups),
        "waiting_count": waiting.count_for(person),
        "late_in_team": waiting.count_late_in_team(person),
        "order": order,
        "recent": _RECENT.rows(person, now=timezone.now()),
        "starred": _STARRED.rows(person),
        "drafts": _DRAFTS.rows(person),
        "kinds": dict(label_choices()),
    }
    return render(request, "portal/home.html", context)


@require_POST
def close_first_steps(request: HttpRequest) -> HttpResponse:
    """Take the first steps off my home."""
    first_steps.close(request.user)
    say(request, _t("The first steps are put away. What is set up stands under Administration."))
    return redirect("home")


def with_labels(groups: list[waiting.Group]) -> list[waiting.Group]:
    """Give each task the words and icon of its kind."""
    for group in groups:
        label_tasks(group.tasks)
    return groups


def label_tasks(tasks: Any) -> Any:
    for task in tasks:
        task.label = task_label(task.kind)
        task.details = task_details(task)
    return tasks


def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits for me, by kind; what I finished; what is late with the people who report to me."""
    person = request.user
    team = waiting.count_late_in_team(person)
    show = request.GET.get("show", "")
    if show not in LISTS:
        show = ""
    tasks = LISTS.get(show, waiting.in_order)(person)
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
        "show": show,
        "done": show == "done",
        "late_in_team": team,
    }
    return render(request, "portal/inbox.html", context)
