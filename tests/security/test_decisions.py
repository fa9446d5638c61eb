"""NEG-15: nobody decides on their own text, on something they have not seen, or by following a link."""

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.drafting import save_draft
from documents.models import Decision, Version
from documents.submission import StepPlan, submit
from people.models import JobRole
from people.standing_in import delegate
from tests.cast import PASSWORD, new_draft, signed_in

pytestmark = pytest.mark.django_db


def page_of(version, name="version-decide"):
    return reverse(f"documents:{name}", args=[version.document.code, version.sequence])


def approval(version, **more):
    return {"verdict": "approve", "password": PASSWORD, "seen_hash": version.manifest_hash, **more}


@pytest.mark.parametrize("way", ["role", "delegation", "superuser"])
def test_neg_15_the_author_does_not_approve_their_own_change(author, owner, approver, way):
    role = JobRole.objects.create(name="Releases")
    author.job_roles.add(role)
    approver.job_roles.add(role)
    if way == "delegation":
        today = timezone.localdate()
        delegate(approver, to=author, starts_on=today, ends_on=today, by=approver)
    if way == "superuser":
        author.is_superuser = True
        author.save()
    version = new_draft(author, owner)
    step = StepPlan("Approved", people=[approver]) if way == "delegation" else StepPlan("Approved", roles=[role])
    submit(version, by=author, plan=[step])
    assert signed_in(author).post(page_of(version), approval(version)).status_code == 403
    assert not Decision.objects.exists()
    assert Version.objects.get().state == "in_review"
    assert signed_in(approver).post(page_of(version), approval(version)).status_code == 302
    assert Version.objects.get().state == "approved"


def test_neg_15_who_submitted_anothers_text_does_not_approve_it(author, owner, approver):
    version = new_draft(author, owner)
    role = JobRole.objects.create(name="Releases")
    owner.job_roles.add(role)
    submit(version, by=owner, plan=[StepPlan("Approved", rule="any", people=[approver], roles=[role])])
    assert signed_in(owner).post(page_of(version), approval(version)).status_code == 403
    assert not Decision.objects.exists()


def test_neg_15_a_version_that_changed_meanwhile_is_shown_with_its_differences(author, owner, approver):
    version = new_draft(author, owner, body=b"<p>Keep it below five degrees.</p>")
    plan = [StepPlan("Approved", people=[approver])]
    submit(version, by=author, plan=plan)
    opened = approval(Version.objects.get())
    client = signed_in(approver)
    version.move("withdraw", by=author, comment="not yet")
    version = Version.objects.get()
    version = save_draft(
        version, by=author, row_version=version.row_version, body=b"<p>Keep it below nine degrees.</p>"
    ).version
    submit(version, by=author, plan=plan)
    answer = client.post(page_of(version), opened)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "has changed since you opened it" in page
    assert "1 change since you opened it" in page
    assert "<del>five</del>" in page
    assert "<ins>nine</ins>" in page
    assert not Decision.objects.exists()
    assert Version.objects.get().state == "in_review"
    # Having seen the differences, the person can decide on that very page.
    assert answer.context["form"]["seen_hash"].value() == Version.objects.get().manifest_hash
    assert client.post(page_of(version), approval(Version.objects.get())).status_code == 302
    assert Version.objects.get().state == "approved"


def test_neg_15_following_a_link_changes_nothing(author, owner, approver):
    """Programs that scan mails open every link, with every parameter it has."""
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    before = Version.objects.values().get()
    for person in (author, owner, approver):
        client = signed_in(person)
        for method in (client.get, client.head, client.options):
            method(page_of(version), approval(version))
            for move in ("withdraw", "discard", "approve"):
                address = reverse("documents:version-move", args=[version.document.code, version.sequence, move])
                assert method(address, {"comment": "x"}).status_code == 405
    assert Version.objects.values().get() == before
    assert not Decision.objects.exists()


def test_flt_12_a_decision_that_was_sent_twice_counts_once_and_says_so(author, owner, approver):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    client, sent = signed_in(approver), approval(Version.objects.get(), comment="Fine.")
    first, second = client.post(page_of(version), sent), client.post(page_of(version), sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Decision.objects.count() == 1
    changed = client.post(page_of(version), sent | {"verdict": "request_changes", "comment": "No."})
    assert changed.status_code == 422
    assert Decision.objects.count() == 1
    assert Version.objects.get().state == "approved"
