from django.urls import path

from processes.views import landscape as landscapes
from processes.views import linking, maps, pages, tree

app_name = "processes"

MAP_VERSION = "documents/<str:code>/versions/<int:sequence>/map/"

urlpatterns = [
    path("processes/", tree.tree_page, name="process-tree"),
    path("processes/landscape/", landscapes.landscape, name="process-landscape"),
    path("processes/suggest", tree.suggestions, name="process-suggest"),
    path("processes/<str:code>/", pages.page, name="process-page"),
    path("processes/<str:code>/place/", tree.place_process, name="process-place"),
    path("processes/<str:code>/merge/", tree.merge_process, name="process-merge"),
    path("processes/<str:code>/documents/", linking.link, name="process-link"),
    path("processes/<str:code>/documents/<str:document>/remove/", linking.unlink, name="process-unlink"),
    path("processes/<str:code>/panels/<str:name>/", pages.panel, name="process-panel"),
    path("documents/<str:code>/map/", maps.role, name="map-role"),
    path(MAP_VERSION + "original.bpmn", maps.bpmn, name="map-bpmn"),
    path(MAP_VERSION + "picture.svg", maps.svg, name="map-svg"),
    path(MAP_VERSION + "elements.<str:form>", maps.elements, name="map-elements"),
    path(MAP_VERSION + "to-be/", maps.to_be, name="map-to-be"),
    path("documents/<str:code>/processes/", linking.link_from_document, name="document-link"),
]
