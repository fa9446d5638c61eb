"""What the organisation calls the three categories of processes."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from core.lifecycle import NotAllowed
from core.safe.line import one_line
from core.views import refuse_politely, say
from processes.models import ProcessCategory
from processes.models.category import Category, name_categories


class CategoriesForm(forms.Form):
    """A name for each category; an empty one stands for the portal's own."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for category in Category:
            self.fields[category.value] = forms.CharField(label=category.label, max_length=60, required=False)

    def names(self) -> dict[str, str]:
        return {key: one_line(name) for key, name in self.cleaned_data.items()}


@refuse_politely
def categories(request: HttpRequest) -> HttpResponse:
    """Administrators and process officers name the categories."""
    if not request.user.has_perm("processes.change_processcategory"):
        raise NotAllowed(_t("Only administrators and process officers name the categories."))
    own = dict(ProcessCategory.objects.values_list("key", "name"))
    form = CategoriesForm(request.POST or None, initial=own)
    if request.method == "POST" and form.is_valid():
        changed = name_categories(form.names(), by=request.user)
        say(request, _t("Saved.") if changed else _t("Nothing was different, so nothing was saved."))
        return redirect("processes:categories")
    return render(request, "processes/categories_form.html", {"form": form}, status=422 if form.errors else 200)
