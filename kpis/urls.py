from kpis.kinds import KPI

app_name = "kpis"
urlpatterns = KPI.urls()
