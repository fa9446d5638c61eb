from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "tests.trial"
    label = "trial"
    verbose_name = "Trial"

    def ready(self) -> None:
        from people.groups import allow
        from people.models import register_grants
        from people.permissions import register_owner_rules
        from tests.trial.models import Forklift, ForkliftGrant

        register_owner_rules(Forklift)
        register_grants(ForkliftGrant)
        allow("officer", "trial.add_forklift", "trial.change_forklift")
