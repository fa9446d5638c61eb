"""What a page asks for while somebody signs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from people import passkey_signing
from people.failed_signatures import SignatureRefused, refuse_while_locked
from people.signing import ways_of

LONGEST_ACT = 300


def origin_of(request: HttpRequest) -> str:
    """Where the browser says that the page came from, as a passkey's answer names it."""
    return f"{request.scheme}://{request.get_host()}"


@require_POST
def passkey_challenge(request: HttpRequest) -> HttpResponse:
    """A fresh challenge for one act, for a passkey of the person who asks."""
    try:
        refuse_while_locked(request.user)
        if not ways_of(request.user).passkey:
            raise SignatureRefused(_t("You have no passkey yet. Add one under “Second step and passkeys”."))
    except SignatureRefused as refusal:
        return JsonResponse({"problem": str(refusal.message)}, status=refusal.status)
    act = request.POST.get("act", "")[:LONGEST_ACT]
    return JsonResponse(passkey_signing.begin(request.user, act, origin=origin_of(request)))
