"""Pages about people."""

from django.db.models import Q
from django.http import HttpRequest, JsonResponse

from people.fields import written
from people.models import Person

SUGGESTED = 8


def suggest(request: HttpRequest) -> JsonResponse:
    """Colleagues whose name or address begins with what was typed, for the fields that take a person."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"people": []})
    words = Q(name__istartswith=text) | Q(name__icontains=f" {text}") | Q(email__istartswith=text)
    people = Person.objects.visible_to(request.user).active().filter(words)[:SUGGESTED]
    return JsonResponse({"people": [written(person) for person in people]})
