"""What I watch and what I starred; news of whole kinds and departments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.kind_registry import label_choices
from core.models import CatalogEntry, Subscription, Watch
from core.search import shown_state
from core.views import say
from people.models import Department
from portal.forms import SubscriptionForm


def watching(request: HttpRequest) -> HttpResponse:
    """Everything I watch, and the kinds and departments whose news I want."""
    form = SubscriptionForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        say(request, _t("You are told of everything new there"))
        return redirect("watching")
    mine = Watch.objects.filter(person=request.user)
    entries = (
        CatalogEntry.objects.visible_to(request.user)
        .filter(watches__person=request.user, watches__is_watching=True)
        .annotate(shown=shown_state())
        .order_by("code_key", "title_key")
    )
    departments = dict(Department.objects.values_list("pk", "name"))
    kinds = dict(label_choices())
    subscriptions = [
        (one, kinds.get(one.kind, one.kind), departments.get(one.department_id, ""))
        for one in Subscription.objects.filter(person=request.user).order_by("kind", "department_id")
    ]
    context = {
        "form": form,
        "entries": entries,
        "starred": set(mine.filter(is_favourite=True).values_list("entry_id", flat=True)),
        "subscriptions": subscriptions,
    }
    return render(request, "portal/watching.html", context, status=422 if form.errors else 200)


@require_POST
def unsubscribe(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """End one of my subscriptions."""
    get_object_or_404(Subscription, pk=subscription_id, person=request.user).delete()
    say(request, _t("Subscription ended"))
    return redirect("watching")
