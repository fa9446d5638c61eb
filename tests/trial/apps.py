from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "tests.trial"
    label = "trial"
    verbose_name = "Trial"

    def ready(self) -> None:
        from core.kinds import register
        from people.groups import allow
        from tests.trial.kinds import FORKLIFT

        allow("officer", "trial.add_forklift", "trial.change_forklift")
        register(FORKLIFT)
