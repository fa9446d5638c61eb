"""NEG-15: nobody decides on their own text, on something they have not seen, or by following a link."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from core.lifecycle import Refused
from core.models import LedgerLine
from documents.appendices import add_appendix
from documents.drafting import save_draft
from documents.models import Decision, Version
from documents.submission import StepPlan, submit
from documents.views import deciding
from people.models import JobRole
from people.standing_in import delegate
from tests.cast import PASSWORD, new_draft, signed, signed_in

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


@pytest.mark.parametrize("way", ["person", "role", "appendix"])
def test_neg_15_who_wrote_in_anothers_draft_does_not_approve_it(author, owner, approver, make_person, way):
    """The author of a version is who opened it; its owner wrote the sentence that matters."""
    version = new_draft(author, owner)
    if way == "appendix":
        add_appendix(version, ContentFile(b"Five degrees", "limits.txt"), by=owner)
    else:
        version = save_draft(version, by=owner, row_version=version.row_version, body=b"<p>My own words.</p>").version
    role = JobRole.objects.create(name="Releases")
    owner.job_roles.add(role)
    approver.job_roles.add(role)
    version = Version.objects.get()
    if way == "person":
        with pytest.raises(Refused, match="wrote or submitted"):
            submit(version, by=author, plan=[StepPlan("Approved", people=[owner])])
        return
    route = submit(version, by=author, plan=[StepPlan("Approved", roles=[role])])
    assert signed_in(owner).post(page_of(version), approval(version)).status_code == 403
    officer = make_person("Olga Officer", "staff", "officer")
    with pytest.raises(Refused, match="own text"):
        route.reassign(route.steps.get().seats.get(), to=owner, by=officer, reason="on leave")
    assert not Decision.objects.exists()
    assert signed_in(approver).post(page_of(version), approval(version)).status_code == 302
    assert Version.objects.get().state == "approved"


def withdrawn_after_one_of_two(author, owner, approver, colleague):
    """A version that the colleague, sitting there by a role, approved before it was withdrawn; and its plan."""
    version = new_draft(author, owner)
    role = JobRole.objects.create(name="Releases")
    colleague.job_roles.add(role)
    plan = [StepPlan("Checked", roles=[role]), StepPlan("Approved", people=[approver])]
    route = submit(version, by=author, plan=plan)
    seen = version.manifest_hash
    route.decide("approve", by=colleague, seen_hash=seen, signature=signed(colleague))
    version.move("withdraw", by=author, comment="Not yet")
    return version, plan


def test_neg_15_an_approval_does_not_stand_when_its_person_submits_the_same_text(author, owner, approver, make_person):
    """Decisions on an unchanged text stand when it is submitted again, but not those of who submits it."""
    officer, other = make_person("Olga Officer", "staff", "officer"), make_person("Petra Peer", "staff")
    version, plan = withdrawn_after_one_of_two(author, owner, approver, officer)
    other.job_roles.add(JobRole.objects.get())
    route = submit(version, by=officer, plan=plan)
    assert Version.objects.get().manifest_hash == Decision.objects.get().manifest_hash
    assert route.current_step().position == 1
    assert signed_in(approver).post(page_of(version), approval(version)).status_code == 403
    assert signed_in(other).post(page_of(version), approval(version)).status_code == 302
    assert signed_in(approver).post(page_of(version), approval(version)).status_code == 302
    assert Version.objects.get().state == "approved"
    shown = signed_in(approver).get(version.get_absolute_url()).context["decisions"]
    assert {decision.by for decision in shown} == {other, approver}  # nor is it shown among the signatures


def test_neg_15_an_approval_does_not_stand_for_another_day(author, owner, approver, make_person):
    """The day is not part of the text that is signed, and yet it is what was decided on."""
    peer = make_person("Petra Peer", "staff")
    version, plan = withdrawn_after_one_of_two(author, owner, approver, peer)
    version.planned_on = timezone.localdate() + timedelta(days=30)
    version.save(by=author, reason="submit")
    assert submit(version, by=author, plan=plan).current_step().position == 1


def test_neg_15_an_approval_stands_when_nothing_is_different(author, owner, approver, make_person):
    version, plan = withdrawn_after_one_of_two(author, owner, approver, make_person("Petra Peer", "staff"))
    assert submit(version, by=author, plan=plan).current_step().position == 2


def test_neg_15_nobody_decides_on_a_route_that_was_planned_anew_meanwhile(author, owner, approver, make_person):
    """The text is the same and the person sits on the new route too, where somebody else comes first."""
    legal = make_person("Lea Legal", "staff")
    version = new_draft(author, owner)
    opened = submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    seen = version.manifest_hash
    version.move("withdraw", by=author, comment="Legal must see it first")
    steps = [StepPlan("Lawful", people=[legal]), StepPlan("Approved", people=[approver])]
    route = submit(Version.objects.get(), by=author, plan=steps)
    with pytest.raises(Refused, match="not in review any more"):
        opened.decide("approve", by=approver, seen_hash=seen, signature=signed(approver))
    with pytest.raises(Refused, match="not in review any more"):
        opened.reassign(opened.steps.get().seats.get(), to=legal, by=author, reason="x")
    assert not Decision.objects.exists()
    assert route.current_step().meaning == "Lawful"


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


def sent(person, **more):
    """What the form for submitting sends, with one step for this person."""
    step = {"meaning": "Approved", "rule": "all", "needed": 1, "due_days": 7, "people": person.email}
    data = {"change": "major", "reason": "Because", "steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 0, **more}
    return data | {f"steps-0-{name}": value for name, value in step.items()}


def test_what_is_saved_while_the_form_is_on_its_way_is_what_is_submitted(author, owner, approver, monkeypatch):
    """The editor saves while typing, also at the moment in which “Submit” is pressed."""
    version, found = new_draft(author, owner), deciding.find_version

    def read_before_the_save(request, code, sequence):
        read = found(request, code, sequence)
        if request.method == "POST":
            save_draft(version, by=author, row_version=version.row_version, body=b"<p>The newest words.</p>")
        return read

    monkeypatch.setattr(deciding, "find_version", read_before_the_save)
    assert signed_in(author).post(page_of(version, "submit"), sent(approver)).status_code == 302
    stored = Version.objects.get()
    assert (stored.state, stored.reason) == ("in_review", "Because")
    assert stored.body_bytes() == b"<p>The newest words.</p>"


def test_a_refused_submission_leaves_a_trace_and_changes_nothing(author, owner, approver):
    version = new_draft(author, owner)
    client = signed_in(author)
    assert client.post(page_of(version, "submit"), sent(author)).status_code == 422
    assert Version.objects.get().reason == ""
    assert LedgerLine.objects.filter(event="refused:submit", actor=author).exists()
    assert client.post(page_of(version, "submit"), sent(approver)).status_code == 302
    for _again in range(2):
        before = Version.objects.values().get()
        assert client.post(page_of(version, "submit"), sent(approver, reason="Another")).status_code == 422
        assert Version.objects.values().get() == before
        if before["state"] == "in_review":
            signed_in(approver).post(page_of(version), approval(Version.objects.get()))


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
