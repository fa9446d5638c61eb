from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessesConfig(AppConfig):
    name = "processes"
    verbose_name = _("Processes")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from core.bulk import register_action
        from core.comments import register_places
        from core.kinds import register
        from core.navigation import NavEntry, Setting, register_new, register_setting
        from core.panels import register_panel
        from documents.bulk_actions import DOCUMENTS
        from documents.filters import register_filter
        from documents.models import Document
        from people.groups import allow
        from processes import map_receivers, permissions, receivers  # noqa: F401
        from processes.bulk import LINK_TO_PROCESS
        from processes.element_comments import name_places
        from processes.kinds import PROCESS
        from processes.map_comparing import compare_maps
        from processes.map_editing import edit_map
        from processes.map_pages import MAP_OF_PROCESS, map_on_paper, read_map
        from processes.maps import KEY, WRITE, register_map_kind
        from processes.models import Process
        from processes.panels import BY_PROCESS, PROCESSES_OF_DOCUMENT

        register(PROCESS)
        register_map_kind(reading=read_map, comparing=compare_maps, editing=edit_map, paper=map_on_paper)
        register_panel(Process, MAP_OF_PROCESS)
        register_panel(Document, PROCESSES_OF_DOCUMENT)
        register_places(KEY, name_places)
        register_new(NavEntry(_("Maps from BPMN files"), "processes:map-import", "process", order=17, permission=WRITE))
        register_new(NavEntry(_("Map from an outline"), "processes:map-outline", "process", order=16, permission=WRITE))
        register_filter(BY_PROCESS)
        register_action(DOCUMENTS.name, LINK_TO_PROCESS)
        for group in ("officer", "owner"):
            allow(group, "processes.add_process", WRITE)
        allow("officer", "processes.change_process", "processes.keep_processes")
        for group in ("officer", "administrator"):
            allow(group, "processes.change_processcategory")
        register_setting(
            Setting(
                _("Process categories"),
                _("What management, core and support processes are called here"),
                "processes:categories",
                "process",
                "processes.change_processcategory",
                "documents",
                40,
            )
        )
