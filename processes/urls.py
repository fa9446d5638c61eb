from django.urls import path

from processes.kinds import PROCESS
from processes.views import categories, linking, map_outlines, maps

app_name = "processes"

MAP_VERSION = "documents/<str:code>/versions/<int:sequence>/map/"

urlpatterns = [
    *PROCESS.urls(),
    path("maps/import/", maps.import_files, name="map-import"),
    path("maps/outline/", map_outlines.new_map, name="map-outline"),
    path(MAP_VERSION + "outline/", map_outlines.into_draft, name="map-outline-draft"),
    path("documents/<str:code>/map/", maps.role, name="map-role"),
    path(MAP_VERSION + "original.bpmn", maps.bpmn, name="map-bpmn"),
    path(MAP_VERSION + "picture.svg", maps.svg, name="map-svg"),
    path(MAP_VERSION + "elements.<str:form>", maps.elements, name="map-elements"),
    path(MAP_VERSION + "against-as-is/", maps.against_base, name="map-against-base"),
    path(MAP_VERSION + "to-be/", maps.to_be, name="map-to-be"),
    path("documents/<str:code>/processes/", linking.link_from_document, name="document-link"),
    path("administration/process-categories/", categories.categories, name="categories"),
]
