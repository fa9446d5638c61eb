"""Addresses of what belongs to every record and every person: notices, comments, attachments, jobs, outbox."""

from django.urls import path

from core.pages import (
    administration,
    attachments,
    bulk,
    comments,
    jobs,
    mailbox,
    notices,
    organisation,
    outbox,
    saved_views,
    shell,
    together,
    unsubscribing,
    watching,
)

app_name = "core"

urlpatterns = [
    path("notices/", notices.notice_list, name="notices"),
    path("notices/menu/", notices.menu, name="notices-menu"),
    path("notices/read/", notices.mark_read, name="notices-read"),
    path("notices/<int:pk>/", notices.follow, name="notice"),
    path("me/notices/", notices.preferences, name="notice-settings"),
    path("unsubscribe/<str:token>/", unsubscribing.leave, name="unsubscribe"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel_job, name="job-cancel"),
    path("administration/", administration.administration, name="administration"),
    path("administration/organisation/", organisation.organisation_page, name="organisation"),
    path("administration/outbox/", outbox.outbox_page, name="outbox"),
    path("administration/outbox/send-again/", outbox.send_again, name="outbox-again"),
    path("bulk/runs/", bulk.runs, name="bulk-runs"),
    path("bulk/<str:name>/", bulk.choose, name="bulk"),
    path("bulk/runs/<int:pk>/", bulk.run_page, name="bulk-run"),
    path("bulk/runs/<int:pk>/apply/", bulk.apply_run, name="bulk-apply"),
    path("bulk/runs/<int:pk>/undo/", bulk.undo_run, name="bulk-undo"),
    path("views/<str:listing>/", saved_views.views, name="views"),
    path("views/<str:listing>/<int:pk>/", saved_views.view, name="view"),
    path("views/<str:listing>/<int:pk>/delete/", saved_views.forget, name="view-forget"),
    path("watch/<int:entry_id>/", watching.toggle, name="watch"),
    path("look/", shell.look, name="look"),
    path("keys/", shell.keys, name="keys"),
    path("together/", together.together, name="together"),
    path("comments/<int:entry_id>/", comments.threads, name="comments"),
    path("comments/<int:entry_id>/<int:pk>/resolve/", comments.resolve, name="comment-resolve"),
    path("attachments/new/", attachments.upload, name="attachment-new"),
    path("attachments/of/<int:entry_id>/", attachments.listing, name="attachments"),
    path("attachments/<uuid:pk>/remove/", attachments.remove, name="attachment-remove"),
    path("attachments/<uuid:pk>/<str:name>", attachments.download, name="attachment"),
    path("demo/mailbox/", mailbox.mail_list, name="mailbox"),
    path("demo/mailbox/<int:pk>/", mailbox.mail_page, name="mail"),
    path("demo/mailbox/<int:pk>/html/", mailbox.mail_html, name="mail-html"),
]
