"""Numbers for new documents, given out before their texts are written, because the texts link to one another."""

from collections import defaultdict

from django.db import transaction

from core.numbering import next_codes
from documents.drafting import prefix_of
from documents.kinds import kind_named
from sops.import_plan import Plan
from sops.models import ReservedNumber


def reserve_numbers(plans: list[Plan]) -> None:
    """Give each plan that has none the next number; what was reserved for its source before is given again."""
    waiting: dict[str, list[Plan]] = defaultdict(list)
    unnumbered = [plan for plan in plans if not plan.code]
    keys = [plan.read.key for plan in unnumbered]
    known = dict(ReservedNumber.objects.filter(source_key__in=keys).values_list("source_key", "code")) if keys else {}
    for plan in unnumbered:
        prefix, before = prefix_of(kind_named(plan.kind), plan.department), known.get(plan.read.key, "")
        if before.rpartition("-")[0] == prefix:
            plan.code, plan.number_is_reserved = before, True
        else:
            waiting[prefix].append(plan)
    with transaction.atomic():
        reserved = []
        for prefix, some in sorted(waiting.items()):
            for plan, code in zip(some, next_codes(prefix, len(some)), strict=True):
                plan.code, plan.number_is_reserved = code, True
                reserved.append(ReservedNumber(code=code, source_key=plan.read.key))
        ReservedNumber.objects.bulk_create(reserved)


def numbers_are_used(plans: list[Plan]) -> None:
    """Their documents are written, in the caller's transaction: nobody has to find the numbers again."""
    codes = [plan.code for plan in plans if plan.number_is_reserved]
    if codes:
        ReservedNumber.objects.filter(code__in=codes).delete()
