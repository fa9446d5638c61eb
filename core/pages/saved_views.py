"""Views of lists: keep the one that is shown, rename, share, delete."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import saved_views
from core.lifecycle import NotAllowed, Refused
from core.models import SavedView
from core.saved_views import ViewList
from core.views import find, refuse_politely, say


class ViewForm(forms.Form):
    """What a view is called and for whom it is."""

    name = forms.CharField(label=_("Name"), max_length=80, error_messages={"required": _("Enter a name for the view")})
    is_shared = forms.BooleanField(
        label=_("For everybody"),
        required=False,
        help_text=_("Each sees only the rows they may see."),
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not person.has_perm("core.share_view"):
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        return self.cleaned_data["name"].strip()


def _find_list(name: str) -> ViewList:
    view_list = saved_views.list_named(name)
    if view_list is None:
        raise Http404
    return view_list


@refuse_politely
def views(request: HttpRequest, listing: str) -> HttpResponse:
    """Keep the view that is shown, and all that the person can open; a POST keeps it."""
    view_list = _find_list(listing)
    query = saved_views.tidy(request.GET.get("query", ""))
    form = ViewForm(request.POST or None, person=request.user, initial={"query": query})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            view = saved_views.keep(
                listing,
                by=request.user,
                title=data["name"],
                query=data["query"],
                share=data.get("is_shared", False),
            )
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error("name", refusal.message)
        else:
            say(request, _t("Saved as “%(name)s”") % {"name": view.name})
            return redirect(view_list.address(view.query))
    kept = list(SavedView.objects.visible_to(request.user).filter(listing=listing).select_related("person"))
    for view in kept:
        view.address, view.may_change = view_list.address(view.query), saved_views.may_change(request.user, view)
    context = {
        "list": view_list,
        "form": form,
        "query": form["query"].value() or "",
        "back": view_list.address(query),
        "mine": [view for view in kept if view.person_id == request.user.pk],
        "shared": [view for view in kept if view.person_id != request.user.pk],
    }
    return render(request, "core/saved_views.html", context, status=422 if form.errors else 200)


@refuse_politely
def view(request: HttpRequest, listing: str, pk: int) -> HttpResponse:
    """Rename one, or say for whom it is."""
    view_list = _find_list(listing)
    kept = find(SavedView, request.user, pk=pk, listing=listing)
    if not request.user.has_perm("core.change_view", kept):
        raise NotAllowed(_t("Only who made a view changes it."))
    form = ViewForm(request.POST or None, person=request.user, initial={"name": kept.name, "is_shared": kept.is_shared})
    if request.method == "POST" and form.is_valid():
        share = form.cleaned_data.get("is_shared", kept.is_shared)
        try:
            saved_views.change(kept, by=request.user, title=form.cleaned_data["name"], share=share)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error("name", refusal.message)
        else:
            say(request, _t("Saved."))
            return redirect("core:views", listing)
    context = {"list": view_list, "form": form, "view": SavedView.objects.get(pk=pk)}
    return render(request, "core/saved_view_form.html", context, status=422 if form.errors else 200)


@require_POST
@refuse_politely
def forget(request: HttpRequest, listing: str, pk: int) -> HttpResponse:
    """Delete one."""
    _find_list(listing)
    kept = find(SavedView, request.user, pk=pk, listing=listing)
    saved_views.forget(kept, by=request.user)
    say(request, _t("“%(name)s” is no longer saved") % {"name": kept.name})
    return redirect("core:views", listing)
