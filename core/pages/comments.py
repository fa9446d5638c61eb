"""The threads on a record: shown as a fragment on its page, and as a page of their own without script."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import comments
from core.catalog import find_entry
from core.lifecycle import Refused
from core.models import CatalogEntry, Comment
from core.pages.together import fragment
from core.views import SentTwice, refuse_politely, remember_sent, safe_address, sent_before


class CommentForm(forms.Form):
    """What is said."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=comments.LONGEST + 1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter a comment.")},
    )


@fragment
def threads(request: HttpRequest, entry_id: int) -> HttpResponse:
    """GET shows the threads, POST adds to them (`thread` names the one that is answered)."""
    entry = find_entry(request.user, entry_id)
    form = CommentForm(request.POST or None)
    answered = _thread(request, entry) if request.method == "POST" else None
    if request.method == "POST" and sent_before(request):
        return _after(request, entry)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                said = comments.add(
                    entry,
                    by=request.user,
                    text=form.cleaned_data["text"],
                    thread=answered,
                    place=request.POST.get("place", ""),
                )
                remember_sent(request, comments.address(said.comment)[:300])
        except SentTwice:
            return _after(request, entry)
        except Refused as refusal:
            form.add_error("text", str(refusal.message))
        else:
            return _after(request, entry, said)
    return _show(request, entry, form=form, answered=answered)


def _thread(request: HttpRequest, entry: CatalogEntry) -> Comment | None:
    pk = request.POST.get("thread", "")
    if not pk:
        return None
    first = Comment.objects.filter(
        entry=entry, thread=None, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0
    ).first()
    if first is None:
        raise Http404
    first.entry = entry
    return first


def _after(request: HttpRequest, entry: CatalogEntry, said: comments.Said | None = None) -> HttpResponse:
    if said and said.without_access:
        names = ", ".join(str(person) for person in said.without_access)
        warning = _t("%(names)s cannot see this and was not told. Ask the owner for access.") % {"names": names}
        if request.htmx:
            return _show(request, entry, form=CommentForm(), warning=warning)
        messages.warning(request, warning)
    if request.htmx:
        return _show(request, entry, form=CommentForm())
    page = reverse("core:comments", args=[entry.pk])
    return redirect(safe_address(request.POST.get("next"), request, page) + "#comments")


def _show(
    request: HttpRequest, entry: CatalogEntry, *, form: CommentForm, answered: Comment | None = None, **more: Any
) -> HttpResponse:
    template = "core/_threads.html" if request.headers.get("HX-Request") else "core/comments_page.html"
    found = comments.threads_of(entry, request.user)
    context = {
        "entry": entry,
        "threads": found,
        "open_count": sum(not thread.is_resolved for thread in found),
        "form": form,
        "form_token": secrets.token_urlsafe(16),
        "answered_id": str(answered.pk) if answered else "",
        **more,
    }
    return render(request, template, context, status=422 if form.errors and not request.htmx else 200)


@require_POST
@refuse_politely
def resolve(request: HttpRequest, entry_id: int, pk: int) -> HttpResponse:
    """Close a thread or open it again."""
    entry = find_entry(request.user, entry_id)
    thread = Comment.objects.filter(entry=entry, pk=pk).first()
    if thread is None:
        raise Http404
    thread.entry = entry
    comments.resolve(thread, by=request.user)
    return _after(request, entry)
