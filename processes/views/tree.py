"""The process tree: opening and closing branches, giving a process another place, merging two."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.pages.kind.base import KindView
from core.views import say
from processes.branches import MAX_ALL, ProcessTree, read_tree
from processes.forms import MergeForm, PlaceForm
from processes.models import Process
from processes.tree import merge, place, rename
from processes.views.base import ProcessFormView


class TreeView(KindView):
    """The tree, open at the branches that the address names (``open``, several) and down to ``at``."""

    def get_template_name(self) -> str:
        return "processes/tree_page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        opened = request.GET.getlist("open") if "open" in request.GET else None
        at, with_retired = request.GET.get("at", "")[:80], "retired" in request.GET
        tree = read_tree(request.user, opened, at=at, with_retired=with_retired, everything="all" in request.GET)
        _give_addresses(tree, with_retired)
        return self.answer(
            tree=tree,
            at=at,
            with_retired=with_retired,
            may_add=self.kind.may_add(request.user),
            may_open_all=tree.total <= MAX_ALL,
            close_all=f"?{urlencode({'open': ''} | ({'retired': 'yes'} if with_retired else {}))}",
            here="tree",
        )


def _give_addresses(tree: ProcessTree, with_retired: bool) -> None:
    """The address that opens or closes each branch and leaves the others as they are."""
    rest = [("retired", "yes")] if with_retired else []

    def walk(branches: list[Any]) -> None:
        for branch in branches:
            codes = [code for code in tree.open_codes if code != branch.process.code]
            if not branch.is_open:
                codes.append(branch.process.code)
            branch.address = "?" + urlencode([("open", code) for code in codes or [""]] + rest)
            walk(branch.branches)

    walk(tree.branches)


class PlaceView(ProcessFormView):
    """“Move under …”: another parent, another position, another code."""

    template = "processes/place_form.html"
    permission = "processes.place_process"
    not_allowed = _("You may not move this process.")
    refusal_field = "parent"
    verb = "place"

    def get_form(self, *sent: Any) -> PlaceForm:
        initial = {"parent": self.visible_parent(), "row_version": self.record.row_version}
        return PlaceForm(*sent, person=self.request.user, initial=initial)

    def visible_parent(self) -> Process | None:
        return self.get_queryset().filter(pk=self.record.parent_id).first()

    def save(self, form: PlaceForm) -> str:
        data, person = form.cleaned_data, self.request.user
        if data["row_version"]:
            Process.objects.get(pk=self.record.pk).refuse_if_changed_since(data["row_version"])
        place(self.record, data["parent"], by=person, position=data["position"], reason=data["reason"])
        if data["code"].strip():
            rename(self.record, data["code"], by=person, reason=data["reason"])
        process = Process.objects.get(pk=self.record.pk)
        say(self.request, _where(process))
        return f"{reverse('processes:process-tree')}?{urlencode({'at': process.code})}#p-{process.code}"

    def show_conflict(self, form: PlaceForm, stored: Process) -> HttpResponse:
        """What was typed stays; sending it again goes by the process as it is now."""
        data = form.data.copy()
        data["row_version"] = str(stored.row_version)
        form.data = data
        form.add_error(None, _t("Somebody else has saved this since you opened it. Check the place and send it again."))
        return self.show(form, status=409)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        siblings = self.get_queryset().active().filter(parent=self.record.parent_id).in_tree_order()
        return super().get_context_data(parent=self.visible_parent(), siblings=list(siblings), **context)


def _where(process: Process) -> str:
    """Where the process stands now, in words."""
    siblings = Process.objects.active().filter(parent=process.parent_id)
    words = {
        "code": process.code,
        "n": siblings.filter(position__lt=process.position).count() + 1,
        "all": siblings.count(),
        "parent": process.parent.code if process.parent else "",
    }
    if process.parent is None:
        return _t("%(code)s is at the top, position %(n)s of %(all)s.") % words
    return _t("%(code)s is under %(parent)s, position %(n)s of %(all)s.") % words


class MergeView(ProcessFormView):
    """Merge the process into another one, with everything that hangs on it."""

    template = "processes/merge_form.html"
    permission = "processes.merge_process"
    not_allowed = _("You may not merge this process.")
    refusal_field = "into"
    verb = "merge"

    def get_form(self, *sent: Any) -> MergeForm:
        return MergeForm(*sent, person=self.request.user)

    def save(self, form: MergeForm) -> str:
        into = form.cleaned_data["into"]
        merge(self.record, into, by=self.request.user, reason=form.cleaned_data["reason"])
        say(self.request, _t("%(code)s was merged into %(into)s.") % {"code": self.record.code, "into": into.code})
        return into.get_absolute_url()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        children = self.get_queryset().filter(parent=self.record).count()
        return super().get_context_data(children=children, **context)
