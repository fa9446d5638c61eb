"""Processes for programs: as every kind, and a new one names the process that it is part of."""

from typing import Any

from core.kinds.api import KindApi


class ProcessApi(KindApi):
    """``POST /api/processes`` takes ``parent``, the code of a process; without ``code`` it gets the next one below."""

    def new_fields(self) -> dict[str, Any]:
        fields = super().new_fields()
        return fields | {"parent": self.input_field(self.kind.all_facts["parent"], is_required=False)}

    def is_required(self, fact: Any) -> bool:
        return fact.name != "code" and super().is_required(fact)
