"""Long work: what was asked, how far it is, what came out."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core import jobs
from core.models import Job
from core.views import find, say

ROWS = 50


def job_list(request: HttpRequest) -> HttpResponse:
    """The person's own jobs; whoever keeps the portal sees all."""
    found = Job.objects.visible_to(request.user).select_related("asked_by").order_by("-pk")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    for job in page.object_list:
        job.label = jobs.label_of(job.kind)
    return render(request, "core/job_list.html", {"page_obj": page, "sees_all": request.user.has_perm("core.view_job")})


def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; its progress is asked for again every two seconds while it runs."""
    job = find(Job.objects.select_related("asked_by"), request.user, pk=pk)
    job.label = jobs.label_of(job.kind)
    template = "core/_job_progress.html" if request.htmx else "core/job_page.html"
    return render(request, template, {"job": job})


@require_POST
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    job = find(Job, request.user, pk=pk)
    if not job.is_over:
        jobs.cancel(job)
        say(request, _t("The work stops at its next step"))
    return redirect(job)
