"""The periodic review, and the end of a document's life."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_post_parameters

from core.lifecycle import NotAllowed, Refused
from core.panels import panels_for
from core.views import refuse_politely, say
from documents.forms import RetireForm, ReviewForm, SecondRetireForm
from documents.models import Document, Review, Version
from documents.retiring import open_retirement, take_back
from documents.retiring import retire as retire_version
from documents.reviewing import record_review
from documents.views.pages import find_document, signing_of
from documents.views.signing import (
    act_on,
    goes_to_provider,
    or_nothing_to_sign,
    signature_from,
    signing_form,
    to_provider,
)


@sensitive_post_parameters("password", "code")
@or_nothing_to_sign
@refuse_politely
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Is the version in force still right? Without change the clock starts again, else a draft opens."""
    document = find_document(request, code)
    if not request.user.has_perm("documents.review_document", document):
        raise NotAllowed(_t("You may not review this document."))
    version = document.version_in_force()
    act = act_on("review", version) if version else ""
    more = {"document": document, "may_change": request.user.has_perm("documents.change_document", document)}
    form = signing_form(ReviewForm, request, act, settings=signing_of(document), **more)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            signs = data["outcome"] == Review.Outcome.NO_CHANGE
            if signs and goes_to_provider(form):
                return to_provider(form, request)
            signature = signature_from(form, request) if signs else None
            done = record_review(document, data["outcome"], by=request.user, note=data["note"], signature=signature)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            if done.outcome == Review.Outcome.CHANGE:
                say(request, _t("A draft is open. Write what should change."))
                return redirect(document.open_version())
            say(request, _t("The review was recorded."))
            return redirect(document)
    context = {
        "document": document,
        "version": version,
        "form": form,
        "reviews": document.reviews.select_related("reviewed_by")[:10],
    }
    return render(request, "documents/review_form.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("password", "code")
@or_nothing_to_sign
@refuse_politely
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """End the document's life with a reason and, where there is one, its successor."""
    document = find_document(request, code)
    version = document.version_in_force()
    if version is None:
        raise Refused(_t("Only a document that is in force can be retired."))
    if not request.user.has_perm("documents.retire_version", version):
        raise NotAllowed(_t("You may not retire this document."))
    asked = open_retirement(version)
    if asked is not None and request.method == "POST" and "take_back" in request.POST:
        take_back(asked, by=request.user)
        say(request, _t("The document is not retired."))
        return redirect(document)
    is_mine = asked is not None and asked.asked_by_id == request.user.pk
    form = _retire_form(request, document, version, is_second=asked is not None)
    if request.method == "POST" and not is_mine and form.is_valid():
        data = form.cleaned_data
        try:
            if goes_to_provider(form):
                return to_provider(form, request)
            signature = signature_from(form, request)
            facts = {"reason": data.get("reason", ""), "successor": data.get("successor"), "signature": signature}
            waits = retire_version(version, by=request.user, **facts)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            done = _t("%(code)s is retired when a second person signs.") if waits else _t("%(code)s was retired.")
            say(request, done % {"code": document.code})
            return redirect(document)
    context = {
        "document": document,
        "version": version,
        "form": form,
        "asked": asked,
        "is_mine": is_mine,
        "panels": [panel.render(request.user, document) for panel in panels_for(Document)],
    }
    return render(request, "documents/retire_form.html", context, status=422 if form.errors else 200)


def _retire_form(request: HttpRequest, document: Document, version: Version, *, is_second: bool) -> Any:
    """The reason, the successor and a signature; for the second person the signature alone."""
    act = act_on("retire", version)
    if is_second:
        return signing_form(SecondRetireForm, request, act, settings=signing_of(document))
    more = {"document": document, "person": request.user, "settings": signing_of(document)}
    return signing_form(RetireForm, request, act, **more)
