from django.urls import path

from training.kinds import READING_RULE
from training.views import matrix, reading

app_name = "training"

urlpatterns = [
    *READING_RULE.urls(),
    path("reading/", matrix.readings, name="readings"),
    path("reading/export.<str:form>", matrix.export, name="export"),
    path("reading/matrix/", matrix.matrix, name="matrix"),
    path("reading/matrix/export.<str:form>", matrix.export_matrix, name="matrix-export"),
    path("reading/<str:code>/<int:sequence>/", reading.read, name="read"),
]
