"""Pages before sign-in: the link of an invitation, and the set-up of an empty portal."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from core.lifecycle import Refused
from people.first_administrator import create_first, is_empty, is_token
from people.forms import FirstAccountForm, NewPasswordForm
from people.invitations import accept, open_invitation

CLOSED = 410


@login_not_required
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password with the link of a mail. A link that ended, was used or never was looks the same."""
    found = open_invitation(token)
    if found is None:
        return render(request, "people/invitation_closed.html", status=CLOSED)
    form = NewPasswordForm(request.POST or None, person=found.person)
    if request.method == "POST" and form.is_valid():
        person = accept(token, password=form.cleaned_data["password"])
        if person is None:
            return render(request, "people/invitation_closed.html", status=CLOSED)
        return redirect(reverse("account_login") + "?welcome")
    context = {"form": form, "person": found.person, "is_new": found.person.is_invited}
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@sensitive_post_parameters()
def setup(request: HttpRequest, token: str = "") -> HttpResponse:
    """The first account, for who knows the address that the server printed; gone once anybody exists."""
    if not is_empty():
        raise Http404
    if not is_token(token):
        return render(request, "people/setup_closed.html", status=403 if token else 200)
    form = FirstAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        names = ("organisation", "name", "email", "password", "language", "time_zone")
        fields = {name: data[name] for name in names if name in data}
        try:
            create_first(**fields)
        except Refused:
            raise Http404 from None
        return redirect(reverse("account_login") + "?welcome")
    return render(request, "people/setup.html", {"form": form}, status=422 if form.errors else 200)
