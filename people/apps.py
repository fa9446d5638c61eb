from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from core.notices import Topic, register_topic
        from people.groups import ensure_groups

        post_migrate.connect(ensure_groups, dispatch_uid="people.ensure_groups")
        register_topic(Topic("security", _("Security of accounts"), always_at_once=True))
