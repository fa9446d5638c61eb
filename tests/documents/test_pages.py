"""Each page of document control answers each person as they may expect."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from documents.drafting import open_draft
from documents.models import Document, State, Version
from documents.moments import start_of_day
from documents.reviewing import record_review
from documents.submission import StepPlan, submit
from documents.templatetags.documents import in_force
from tests.cast import PASSWORD, new_draft, released, retired, signed, taken_over


def version_url(version, name, *args):
    return reverse(f"documents:{name}", args=[version.document.code, version.sequence, *args])


def text_of(client, address):
    """The page as one line, each gap one blank."""
    return " ".join(client.get(address).content.decode().split())


def test_the_whole_life_in_the_pages(browse, author, owner, approver, reader):
    writer, decider, staff = browse(author), browse(approver), browse(reader)
    token = writer.get(reverse("documents:new")).context["form_token"]
    answer = writer.post(
        reverse("documents:new"),
        {
            "kind": "sop",
            "title": "Weighing pallets",
            "department": author.department_id,
            "owner": owner.email,
            "audience": "everyone",
            "form_token": token,
        },
    )
    version = Version.objects.get(title="Weighing pallets")
    assert answer["Location"] == version_url(version, "edit")

    answer = writer.post(
        version_url(version, "edit"),
        {
            "title": "Weighing pallets",
            "body": "<h2>Purpose</h2><p>Weigh each pallet.</p><script>alert(1)</script>",
            "row_version": version.row_version,
            "submit": "1",
        },
        follow=True,
    )
    assert b"a script" in answer.content
    assert answer.redirect_chain[-1][0] == version_url(version, "submit")
    answer = writer.post(
        version_url(version, "submit"),
        {
            "change": "major",
            "reason": "New scales",
            "planned_on": "",
            "steps-TOTAL_FORMS": "1",
            "steps-INITIAL_FORMS": "1",
            "steps-0-meaning": "Approved for use",
            "steps-0-rule": "all",
            "steps-0-needed": "1",
            "steps-0-due_days": "7",
            "steps-0-people": approver.name,
        },
    )
    version.refresh_from_db()
    assert version.state == State.IN_REVIEW, answer.content.decode()
    assert staff.get(version.document.get_absolute_url()).status_code == 404

    decide = version_url(version, "version-decide")
    assert version.manifest_hash.encode() in decider.get(decide).content
    wrong = {"verdict": "approve", "comment": "", "password": "wrong", "seen_hash": version.manifest_hash}
    answer = decider.post(decide, wrong)
    assert answer.status_code == 422
    assert b"Nothing was signed" in answer.content
    answer = decider.post(decide, {**wrong, "password": PASSWORD})
    assert answer.status_code == 302
    version.refresh_from_db()
    assert version.shown_state == "effective"
    answer = staff.get(version.document.get_absolute_url())
    assert b"Weigh each pallet." in answer.content
    assert b"<script>alert" not in answer.content


def test_every_page_shows_who_may_see_it_and_404s_who_may_not(browse, author, owner, approver, auditor, outsider):
    document = released(author, owner, approver, audience="department").document
    draft = open_draft(document, by=author)
    first = document.versions.get(sequence=1)
    open_to_readers = [
        reverse("documents:page", args=[document.code]),
        reverse("documents:history", args=[document.code]),
        reverse("documents:compare", args=[document.code]),
        reverse("documents:qr", args=[document.code]),
        version_url(first, "version-page"),
        version_url(first, "print"),
    ]
    for address in open_to_readers:
        assert browse(auditor).get(address).status_code == 200, address
        assert browse(outsider).get(address).status_code == 404, address
    assert browse(approver).get(version_url(draft, "version-page")).status_code == 404
    assert browse(auditor).get(version_url(draft, "version-page")).status_code == 200
    for address in (version_url(draft, "edit"), version_url(draft, "submit")):
        assert browse(author).get(address).status_code == 200
        assert browse(approver).get(address).status_code == 404


def test_what_is_missing_and_what_is_invisible_look_the_same(browse, author, owner, outsider):
    document = new_draft(author, owner, audience="named").document
    client = browse(outsider)
    invisible = client.get(document.get_absolute_url())
    missing = client.get(reverse("documents:page", args=["SOP-INB-999"]))
    assert invisible.status_code == missing.status_code == 404
    strip = lambda page: page.content.replace(document.code.encode(), b"").replace(b"SOP-INB-999", b"")  # noqa: E731
    assert len(strip(invisible)) == len(strip(missing))


def test_an_old_number_and_another_spelling_lead_to_the_document(browse, author, owner, approver, reader):
    document = released(author, owner, approver).document
    old = document.code
    document.rename_code("SOP-DOCK-7", by=owner)
    assert browse(reader).get(f"/documents/{old}/")["Location"] == "/documents/SOP-DOCK-7/"
    spelled = browse(reader).get("/documents/sop dock 007/")
    assert spelled.status_code in (302, 404)


def test_a_double_click_starts_one_document(browse, author):
    client = browse(author)
    form = {"kind": "sop", "title": "Once", "owner": author.email, "audience": "everyone", "form_token": "t" * 20}
    client.post(reverse("documents:new"), form)
    client.post(reverse("documents:new"), form)
    assert Document.objects.filter(title="Once").count() == 1


def test_a_stale_save_shows_both_texts_and_stores_nothing(browse, author, owner):
    version = new_draft(author, owner)
    browse(owner).post(
        version_url(version, "edit"),
        {"title": version.title, "body": "<p>Text of the owner</p>", "row_version": version.row_version},
    )
    answer = browse(author).post(
        version_url(version, "edit"),
        {"title": version.title, "body": "<p>Text of the author</p>", "row_version": version.row_version},
    )
    assert answer.status_code == 409
    assert b"Text of the owner" in answer.content
    assert b"Text of the author" in answer.content
    version.refresh_from_db()
    assert b"owner" in version.body_bytes()


def test_list_and_record_stay_within_fourteen_queries(
    browse, author, owner, approver, reader, django_assert_max_num_queries
):
    for number in range(5):
        released(author, owner, approver, title=f"Procedure {number}")
    client = browse(reader)
    client.get(reverse("documents:list"))  # the first page of a session writes down where it is
    with django_assert_max_num_queries(14):
        assert client.get(reverse("documents:list")).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get("/documents/SOP-INB-001/").status_code == 200


def test_a_very_long_list_is_counted_to_its_bound(browse, author, owner, approver, reader, monkeypatch):
    monkeypatch.setattr("core.paging.COUNTED", 2)
    for number in range(4):
        released(author, owner, approver, title=f"Procedure {number}")
    answer = browse(reader).get(reverse("documents:list"))
    assert b"More than 2 documents" in answer.content
    assert len(answer.context["page_obj"].object_list) == 2


def test_by_owner_every_document_stands_once_and_what_nobody_owns_comes_last(
    browse, author, owner, approver, reader, monkeypatch
):
    monkeypatch.setattr("documents.views.lists.ROWS", 2)
    documents = taken_over(author, owner, [f"Procedure {number}" for number in range(5)])
    Document.objects.filter(pk__in=[documents[0].pk, documents[3].pk]).update(owner=None)
    Document.objects.filter(pk=documents[1].pk).update(owner=approver)
    client = browse(reader)
    for sort, order in (("owner", sorted), ("-owner", lambda names: sorted(names, reverse=True))):
        answers = [client.get(f"/documents/?sort={sort}&page={page}") for page in (1, 2, 3)]
        rows = [document for answer in answers for document in answer.context["page_obj"].object_list]
        assert {document.pk for document in rows} == {document.pk for document in documents}
        assert len(rows) == 5
        names = [document.owner.name if document.owner else None for document in rows]
        assert names == [*order(name for name in names if name), None, None]


def test_cautions_are_told_apart_without_their_colours(browse, author, owner, approver, reader):
    body = """<div class="caution"><p>Cold.</p></div><aside class="caution caution--stop"><p>Closed.</p></aside>
<div class="note"><p>By hand.</p></div><p>&lt;div class="note"&gt;</p>"""
    version = released(author, owner, approver, title="Weighing pallets", body=body.encode())
    page = browse(reader).get(version.document.get_absolute_url()).content.decode()
    for opening, word, sign in (
        ('<div class="caution">', "Caution", "alert"),
        ('<aside class="caution caution--stop">', "Stop", "stop"),
        ('<div class="note">', "Note", "info"),
    ):
        [after] = page.split(opening)[1:]
        assert after.startswith(f'<svg class="icon" role="img" aria-label="{word}">'), after[:80]
        assert f"#i-{sign}" in after[:150]


def test_a_review_without_change_and_the_retirement_stand_among_the_signatures(browse, author, owner, approver, reader):
    document = released(author, owner, approver, title="Weighing pallets").document
    record_review(document, "no_change", by=owner, note="Walked on the floor", signature=signed(owner))
    page = text_of(browse(reader), document.get_absolute_url())
    assert "Omar Owner</span> <b>reviewed it: no change</b>" in page
    assert "Walked on the floor" in page
    assert "Last reviewed" in page
    successor = released(author, owner, approver, title="Weighing crates").document
    hidden = released(author, owner, approver, title="Weighing canaries", audience="named").document
    old = {successor: ("Weighing crates", True), hidden: (hidden.code, False)}
    for replacing, (words, is_shown) in old.items():
        version = released(author, owner, approver, title="Weighing boxes")
        retired(version, owner, author, "No boxes", successor=replacing)
        page = text_of(browse(reader), version.document.get_absolute_url())
        assert "Ann Author</span> <b>retired the document</b>" in page
        assert (words in page) is is_shown


def test_who_is_asked_for_changes_reads_what_while_writing(browse, author, owner, approver):
    version = new_draft(author, owner, title="Weighing pallets")
    route = submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    route.decide("request_changes", by=approver, seen_hash=version.manifest_hash, comment="Name the scales")
    page = text_of(browse(author), version_url(version, "edit"))
    assert "Quinn Approver asks for changes" in page
    assert "Name the scales" in page


def test_who_decides_reads_which_step_it_is_who_signed_before_and_from_when_on(
    browse, author, owner, approver, auditor
):
    version = new_draft(author, owner, title="Weighing pallets")
    plan = [StepPlan("Checked", people=[auditor]), StepPlan("Approved for use", people=[approver])]
    route = submit(version, by=author, plan=plan)
    first = text_of(browse(auditor), version_url(version, "version-decide"))
    assert "1 of 2" in first
    assert "Signed before you" not in first
    route.decide("approve", by=auditor, seen_hash=version.manifest_hash, comment="Tried", signature=signed(auditor))
    page = text_of(browse(approver), version_url(version, "version-decide"))
    assert "2 of 2" in page
    assert "with the last approval" in page
    assert "<b>signed: Checked</b>" in page[page.index("Signed before you") :]


def test_two_versions_never_seem_to_share_a_day(author, owner, approver):
    version = released(author, owner, approver, title="Weighing pallets")
    day = timezone.localdate()
    for begun, ended, shown in (
        (day - timedelta(days=9), day, day - timedelta(days=1)),
        (day - timedelta(days=9), day - timedelta(days=3), day - timedelta(days=4)),
    ):
        version.effective_from, version.effective_until = start_of_day(begun), start_of_day(ended)
        assert in_force(version) == f"{date_format(begun)} – {date_format(shown)}"
    version.effective_until += timedelta(hours=9)  # ended by hand, at nine
    assert in_force(version).endswith(f"– {date_format(day - timedelta(days=3))}")


def test_who_reviews_has_the_text_before_their_eyes(browse, author, owner, approver):
    version = released(author, owner, approver, body=b"<h2>Purpose</h2><p>Weigh each pallet.</p>")
    page = text_of(browse(owner), reverse("documents:review", args=[version.document.code]))
    assert page.index("<p>Weigh each pallet.</p>") < page.index("Reviewed, no change")
