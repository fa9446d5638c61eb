from django.urls import path

from kpis.kinds import KPI
from kpis.report_kind import KPI_REPORT
from kpis.views.importing import ImportAllView, ImportPageView
from kpis.views.overview import mine, overview

app_name = "kpis"
urlpatterns = [
    path("kpis/overview/", overview, name="overview"),
    path("kpis/mine/", mine, name="mine"),
    *KPI.urls(),
    *KPI_REPORT.urls(),
    path("kpi-imports/", ImportAllView.as_view(), name="imports"),
    path("kpi-imports/<int:pk>/", ImportPageView.as_view(), name="import"),
]
