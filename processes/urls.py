from django.urls import path

from processes.views import pages

app_name = "processes"

urlpatterns = [
    path("processes/<str:code>/", pages.page, name="process-page"),
    path("processes/<str:code>/panels/<str:name>/", pages.panel, name="process-panel"),
]
