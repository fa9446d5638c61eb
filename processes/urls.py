from django.urls import path

from processes.kinds import PROCESS
from processes.views import categories, linking

app_name = "processes"

urlpatterns = [
    *PROCESS.urls(),
    path("documents/<str:code>/processes/", linking.link_from_document, name="document-link"),
    path("administration/process-categories/", categories.categories, name="categories"),
]
