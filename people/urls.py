from django.urls import path

from people.views import administering, confirming, directory, entering, importing, own, sessions, signing, structure

app_name = "people"

urlpatterns = [
    path("people/", directory.people, name="list"),
    path("people/suggest", directory.suggest, name="suggest"),
    path("people/invite/", administering.invite, name="invite"),
    path("people/import/", importing.upload, name="import"),
    path("people/import/<str:which>.<str:form>", importing.table, name="import-table"),
    path("people/import/<int:pk>/", importing.preview, name="import-preview"),
    path("people/<int:pk>/", directory.page, name="page"),
    path("people/<int:pk>/change/", administering.change, name="change"),
    path("people/<int:pk>/new-link/", administering.new_link, name="new-link"),
    path("people/<int:pk>/deactivate/", administering.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", administering.reactivate, name="reactivate"),
    path("people/<int:pk>/hand-over/", administering.hand_over, name="hand-over"),
    path("people/<int:pk>/delegation/", own.delegation, name="delegation"),
    path("departments/", structure.departments, name="departments"),
    path("departments/new/", structure.department, name="department-new"),
    path("departments/<int:pk>/", structure.department, name="department"),
    path("roles/", structure.roles, name="roles"),
    path("roles/new/", structure.role, name="role-new"),
    path("roles/<int:pk>/", structure.role, name="role"),
    path("me/", own.preferences, name="preferences"),
    path("me/delegation/", own.my_delegation, name="my-delegation"),
    path("me/delegation/<int:pk>/end/", own.end_delegation, name="end-delegation"),
    path("me/confirmations/", confirming.confirmations, name="confirmations"),
    path("me/confirmations/<int:pk>/", confirming.answer, name="confirmation"),
    path("me/sessions/", sessions.sessions, name="sessions"),
    path("me/sessions/<int:pk>/end/", sessions.end_session, name="session-end"),
    path("me/signing/passkey/", signing.passkey_challenge, name="passkey-challenge"),
    path("invitation/<str:token>/", entering.invitation, name="invitation"),
    path("setup/", entering.setup, name="setup"),
    path("setup/<str:token>/", entering.setup, name="setup-form"),
]
