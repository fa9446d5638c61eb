"""What KPIs do when values come in, when one of them changes, and when a document of their process takes effect."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext as _t

from core.lifecycle import moved
from documents.models import Version
from documents.signals import took_effect
from kpis.judging import mark_outdated
from kpis.markers import mark_version
from kpis.measuring import measured
from kpis.models import ChangeMarker, Definition, Kpi, Target
from kpis.models.kpi import redefined


@receiver(measured)
def judge_what_was_measured(kpis: list[Kpi], **kwargs: Any) -> None:
    mark_outdated(kpi.pk for kpi in kpis)


@receiver(moved, sender=Kpi)
def judge_what_moved(records: list[Kpi], **kwargs: Any) -> None:
    mark_outdated(kpi.pk for kpi in records)


# What is stored about a judgement is derived from these rows, whoever writes them: no rule hangs on the signal.
@receiver(post_save, sender=Kpi)
def judge_what_was_defined(instance: Kpi, **kwargs: Any) -> None:
    if instance.state != Kpi.State.DRAFT:
        mark_outdated([instance.pk])


@receiver([post_save, post_delete], sender=Target)
def judge_by_other_targets(instance: Target, **kwargs: Any) -> None:
    mark_outdated([instance.kpi_id])


@receiver(took_effect, sender=Version)
def mark_what_took_effect(version: Version, **kwargs: Any) -> None:
    mark_version(version)


@receiver(redefined, sender=Kpi)
def mark_another_way_of_counting(kpi: Kpi, definition: Definition, by: Any = None, **kwargs: Any) -> None:
    """Figures before and after are counted in different ways: the chart says where."""
    label = _t("Definition %(number)d") % {"number": definition.number}
    ChangeMarker.objects.get_or_create(kpi=kpi, on=definition.valid_from, label=label, defaults={"made_by": by})
