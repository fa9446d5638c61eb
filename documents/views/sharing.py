"""The share page: who outside the audience may read the document, and until when."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.lifecycle import NotAllowed
from core.views import refuse_politely, say
from documents import sharing
from documents.forms import ShareForm
from documents.models import Document, DocumentGrant, DocumentRoleGrant
from documents.views.pages import find_document


@refuse_politely
def share(request: HttpRequest, code: str) -> HttpResponse:
    """List the grants and add one."""
    document = find_document(request, code)
    if not request.user.has_perm("documents.share_document", document):
        raise NotAllowed(_t("You may not share this document."))
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        sharing.share(
            document,
            by=request.user,
            until=data["until"],
            reason=data["reason"],
            person=data["person"],
            role=data["role"],
        )
        say(request, _t("%(name)s may read it now.") % {"name": data["person"] or data["role"]})
        return redirect("documents:share", document.code)
    context = {
        "document": document,
        "form": form,
        "grants": [
            *document.person_grants.select_related("user", "granted_by"),
            *document.role_grants.select_related("role", "granted_by"),
        ],
    }
    return render(request, "documents/share_page.html", context, status=422 if form.errors else 200)


@require_POST
@refuse_politely
def end_share(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """End one grant; ``key`` is "p12" for a person's, "r12" for a role's."""
    document = find_document(request, code)
    sharing.end_share(document, _grant(document, key), by=request.user)
    say(request, _t("It is not shared any more."))
    return redirect("documents:share", document.code)


def _grant(document: Document, key: str) -> DocumentGrant | DocumentRoleGrant:
    grants = {"p": document.person_grants, "r": document.role_grants}.get(key[:1])
    is_number = key[1:].isdecimal() and len(key) < 20
    grant = grants.filter(pk=int(key[1:])).first() if grants is not None and is_number else None
    if grant is None:
        raise Http404
    return grant
