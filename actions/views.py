"""The page of an action and the forms of its moves."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from actions.forms import FORMS
from actions.models import Action
from core.catalog import entry_of
from core.lifecycle import NotAllowed, Refused, WrongState
from core.views import find, refuse_politely, say


def find_action(request: HttpRequest, code: str) -> Action:
    """The action as this person may see it, or 404."""
    return find(Action.objects.with_people().select_related("done_by", "verified_by"), request.user, code=code)


def page(request: HttpRequest, code: str) -> HttpResponse:
    """What is to be done, by whom, until when, and how it was done and verified."""
    action = find_action(request, code)
    return render(request, "actions/action_page.html", page_context(request, action))


def page_context(request: HttpRequest, action: Action) -> dict[str, Any]:
    """What the page of an action shows."""
    visible = Action.objects.visible_to(request.user)
    return {
        "action": action,
        "moves": action.open_moves(request.user),
        "needs": visible.filter(needed_by=action),
        "needed_by": visible.filter(depends_on=action),
        "entry": entry_of(action),
    }


@refuse_politely
def move(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Take one move, with what must be said for it."""
    action = find_action(request, code)
    if name not in FORMS:
        raise Http404
    chosen = Action.find_move(name)
    if not request.user.has_perm(chosen.permission, action):
        raise NotAllowed(_t("You may not do this: %(move)s.") % {"move": chosen.label})
    if request.method != "POST" and action.state not in chosen.sources:
        raise WrongState(
            _t("“%(move)s” is not possible any more: the state is now “%(state)s”.")
            % {"move": chosen.label, "state": action.get_state_display()}
        )
    form = FORMS[name](request.POST or None, action=action)
    if request.method == "POST" and form.is_valid():
        try:
            action.move(name, by=request.user, **form.facts())
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("%(code)s: %(move)s") % {"code": action.code, "move": chosen.label})
            return redirect(action)
    context = {"action": action, "move": chosen, "form": form}
    return render(request, "actions/move_form.html", context, status=422 if form.errors else 200)
