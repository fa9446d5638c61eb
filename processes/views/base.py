"""What the forms about one process share."""

from typing import Any, ClassVar

from django.http import HttpResponse

from core.lifecycle import NotAllowed, Refused
from core.pages.kind.base import RecordView
from core.pages.kind.writing import FormPage


class ProcessFormView(RecordView, FormPage):
    """A page with one form about a process. What the verb refuses is said at ``refusal_field``."""

    template = ""
    permission = ""
    not_allowed: ClassVar[Any] = ""
    refusal_field: ClassVar[str | None] = None

    def get_template_name(self) -> str:
        return self.template

    def refuse_unless_allowed(self) -> None:
        if not self.request.user.has_perm(self.permission, self.record):
            raise NotAllowed(str(self.not_allowed))

    def refused_record(self) -> Any:
        return self.record

    def show_refusal(self, form: Any, refusal: Refused) -> HttpResponse:
        form.add_error(self.refusal_field, str(refusal.message))
        return self.show(form, status=422)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(process=self.record, **context)
