"""One's own pages: preferences, and who stands in while one is away."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.ledger import record_line
from core.lifecycle import Refused
from core.views import find, refuse_politely, safe_address, say
from people.forms import DelegationForm, PreferencesForm
from people.models import Confirmation, Delegation, Person
from people.names import tell_administrators
from people.standing_in import delegate, end
from people.views.administering import administrators_only, find_administered


def preferences(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone, theme, mails, keys."""
    person = Person.objects.get(pk=request.user.pk)
    form = PreferencesForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        person._history_user = request.user
        form.save()
        if "name" in form.changed_data:
            data = {"name": [request.user.name, person.name]}
            record_line(person, "person_changed", by=request.user, data=data)
            tell_administrators(person, request.user.name, by=request.user)
        with translation.override(person.language):
            say(request, _t("Saved."))
        answer = redirect("people:preferences")
        answer.delete_cookie("theme")  # the account's choice counts from now on, on every device
        return answer
    context = {"form": form, "person": request.user}
    return render(request, "people/preferences.html", context, status=422 if form.errors else 200)


def my_delegation(request: HttpRequest) -> HttpResponse:
    """Who stands in for me, and for whom I stand in."""
    return _delegation_page(request, request.user)


@administrators_only
def delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for somebody who cannot do it themselves."""
    return _delegation_page(request, find_administered(request, pk, "delegate"))


def _delegation_page(request: HttpRequest, person: Person) -> HttpResponse:
    form = DelegationForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            done = delegate(person, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            if isinstance(done, Confirmation):
                words = _t("It takes effect when %(name)s, or a second administrator, confirms it.") % {"name": person}
            else:
                words = _t("%(name)s stands in.") % {"name": form.cleaned_data["to"]}
            say(request, words)
            return redirect(request.path)
    delegations = Delegation.objects.select_related("person", "delegate")
    today = timezone.localdate()
    context = {
        "form": form,
        "person": person,
        "is_own": person.pk == request.user.pk,
        "coming": delegations.filter(person=person, ends_on__gte=today).order_by("starts_on"),
        "past": delegations.filter(person=person, ends_on__lt=today)[:10],
        "standing_in": delegations.filter(delegate=person, ends_on__gte=today, person__is_active=True),
        "today": today,
    }
    return render(request, "people/delegation.html", context, status=422 if form.errors else 200)


@require_POST
@refuse_politely
def end_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation now: by who is away, who stands in, or an administrator."""
    found = Delegation.objects.filter(pk=pk).select_related("person", "delegate").first()
    if found is None or not request.user.has_perm("people.end_delegation", found):
        raise Http404
    find(Person, request.user, pk=found.person_id)
    end(found, by=request.user)
    say(request, _t("The delegation has ended."))
    return redirect(safe_address(request.POST.get("next"), request, reverse("people:my-delegation")))
