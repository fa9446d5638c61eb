"""The people and documents that benchmarks act with, made once in the seeded database by the portal's own verbs."""

from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from bench.language import Language
from bench.seed import SEED
from core.signing import Signature
from documents.drafting import open_draft, start_document
from documents.models import Document, Version
from documents.submission import StepPlan, submit
from people.models import Person

STEPS, STEP_WORDS, PARAGRAPH_WORDS = 24, 22, 90


def person(name: str, *groups: str) -> Person:
    """Somebody with these groups beside staff."""
    email = f"{name.lower()}@bench.example"
    found = Person.objects.filter(email=email).first()
    if found is None:
        found = Person.objects.create_user(email, name=name)
        found.groups.set(Group.objects.filter(name__in=("staff", *groups)))
    return found


def text_of_a_procedure() -> bytes:
    """About 800 words: three paragraphs, a table and a numbered list."""
    language = Language(SEED)
    paragraphs = "".join(
        f"<h2>{language.title()}</h2><p>{language.sentences(language.some(PARAGRAPH_WORDS))}</p>" for _ in range(3)
    )
    rows = "".join(f"<tr><td>{language.word()}</td><td>{language.title()}</td></tr>" for _ in range(6))
    steps = "".join(f"<li><p>{language.sentences(language.some(STEP_WORDS))}</p></li>" for _ in range(STEPS))
    return f"{paragraphs}<table><tbody>{rows}</tbody></table><h2>Steps</h2><ol>{steps}</ol>".encode()


def procedure(title: str, author: Person, owner: Person) -> Document:
    """A document of ours for everyone, the same one each time."""
    found = Document.objects.filter(source_key=f"bench:{title}").first()
    if found:
        return found
    draft = start_document(
        kind="sop", by=author, owner=owner, title=title, body=text_of_a_procedure(), source_key=f"bench:{title}"
    )
    return draft.document


def draft_of(document: Document, author: Person) -> Version:
    """Its open draft."""
    return document.open_version() or open_draft(document, by=author, reason="Bench")


def in_review(document: Document, author: Person, approver: Person) -> Version:
    """A version of it that only this person still has to decide on."""
    version = draft_of(document, author)
    if version.state == "draft":
        submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
        version.refresh_from_db()
    return version


def released(document: Document, author: Person, approver: Person) -> Document:
    """The document with a version in force."""
    if document.version_in_force() is None:
        version = in_review(document, author, approver)
        signature = Signature(approver.pk, str(approver), "password", timezone.now())
        version.route().decide("approve", by=approver, seen_hash=version.manifest_hash, signature=signature)
    return document


def forget(*querysets: Any) -> None:
    """Take away what a benchmark left, so that the next one starts the same."""
    for queryset in querysets:
        queryset._raw_delete(queryset.db)
