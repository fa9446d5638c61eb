"""What KPIs show on the pages of other areas."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from kpis.models import Kpi
from kpis.overview_rows import annotated, overview_row
from processes.models import Process

MOST = 12


def kpis_of_process(person: Any, process: Process) -> str:
    """The KPIs of a process and of everything below it, what needs attention first."""
    today = timezone.localdate()
    kpis = Kpi.objects.visible_to(person).in_use().filter(process__lineage__contains=[process.pk])
    found = list(annotated(kpis, today).select_related("judgement", "owner").order_by("-urgency", "code")[: MOST + 1])
    if not found:
        return ""
    context = {
        "rows": [overview_row(kpi, today) for kpi in found[:MOST]],
        "has_more": len(found) > MOST,
        "process": process,
    }
    return render_to_string("kpis/_process_panel.html", context)


KPIS_OF_PROCESS = Panel("kpis", _("KPIs"), kpis_of_process, order=20)
