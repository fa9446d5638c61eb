"""What the pages of actions show beside what every kind of record shows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t

from actions.lifecycle import State
from actions.models import Action
from core.pages.kind import RecordPageView
from core.pages.kind.base import KindView

ON_BOARD = 50  # actions in one column


class ActionPageView(RecordPageView):
    """The page of an action: what it needs and what needs it."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        visible = Action.objects.visible_to(self.request.user)
        return super().get_context_data(
            needs=list(visible.filter(needed_by=self.record)),
            needed_by=list(visible.filter(depends_on=self.record)),
            **context,
        )


class BoardView(KindView):
    """Unfinished actions in columns: overdue, open, waiting for verification; and what was verified last."""

    template_attribute = "board_template"

    def get_template_name(self) -> str:
        return "actions/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        asked = self.request.GET.copy()
        asked["finished"] = "on"
        chosen = self.kind.filter_class(asked, kind=self.kind, person=self.request.user)
        actions = self.kind.with_facts(chosen.apply(self.get_queryset())).order_by("due_on", "pk")
        in_time = actions.filter(state=State.OPEN, due_on__gte=timezone.localdate())
        columns = [
            (_t("Overdue"), "alert", actions.late()),
            (_t("Open"), "circle", in_time),
            (_t("Waits for verification"), "eye", actions.filter(state=State.DONE)),
            (_t("Verified"), "shield", actions.filter(state=State.VERIFIED).order_by("-changed_at")),
        ]
        shown = [(title, icon, list(found[: ON_BOARD + 1])) for title, icon, found in columns]
        return super().get_context_data(
            filter=chosen,
            columns=[(title, icon, found[:ON_BOARD], len(found) > ON_BOARD) for title, icon, found in shown],
            query=self.request.GET.urlencode(),
            **context,
        )
