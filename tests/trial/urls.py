from tests.trial.kinds import FORKLIFT

app_name = "trial"
urlpatterns = FORKLIFT.urls()
