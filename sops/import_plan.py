"""What an import would do with each source, and why: new document, new draft, nothing, or refused."""

import re
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from core.models import TakenNumber
from core.numbering import is_well_formed, tidy_code
from core.safe.html import text_of
from core.safe.words import Said, gettext_noop
from documents.kinds import all_kinds
from documents.lifecycle import OPEN, State
from documents.models import Document, Version
from people.models import Department, Person
from sops.import_adopting import Stated, last_released, state
from sops.import_drafts import Newest, newest_of, still_wait
from sops.importing.reading import Read
from sops.importing.sources import LINK, key_mark
from sops.likeness import texts_are_alike, titles_are_alike

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, REFUSED)
_LINK = re.compile(rb'<a href="' + re.escape(LINK).encode() + rb'([0-9a-f]{40})/(#[^"]*)?"([^>]*)>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True)
class Options:
    """How the person wants it: the kind and department of what says none, and whether it is in force already."""

    kind: str = ""
    department: Department | None = None
    as_effective: bool = False
    dry_run: bool = False
    run: int | None = None  # the import of the browser this belongs to; named in the ledger


@dataclass
class Plan:
    """One source, what becomes of it, and after writing what became of it."""

    read: Read
    outcome: str = CREATED
    reason: Said | str = ""
    code: str = ""
    number_is_reserved: bool = False
    kind: str = "sop"
    department: Department | None = None
    owner: Person | None = None
    document: Document | None = None
    version: Version | None = None
    takes_up: bool = False  # ``version`` is the draft of an earlier import, which takes effect now
    stated: Stated | None = None  # where it is to take effect: with which number, from when
    adopted: bool = False
    warnings: list[Said | str] = field(default_factory=list)

    def refuse(self, reason: Said | str) -> None:
        self.outcome, self.reason = REFUSED, reason

    def leave(self, code: str, reason: Said | str = "") -> None:
        self.outcome, self.reason, self.code = UNCHANGED, reason, code


class Planner:
    """Plans batch after batch of one import, and remembers what earlier batches took."""

    def __init__(self, options: Options, *, by: Person) -> None:
        self.options, self.by = options, by
        self.codes: dict[str, Read] = {}
        self.keys: set[str] = set()
        self.sources: dict[str, Plan] = {}  # hash of a file → what this import made of it
        self.marks: dict[str, Plan] = {}  # mark of a source → its plan, for links
        self._departments: dict[str, Department] = {}
        for department in Department.objects.filter(is_active=True):
            self._departments[department.name.lower()] = department
            self._departments[department.code.lower()] = department
        self._people: dict[str, Person | None] = {}

    def plan(self, reads: list[Read]) -> list[Plan]:
        """What becomes of each, in order."""
        known = _Known(reads, self.by, self.options)
        self._find_people({read.facts.owner.lower() for read in reads if read.facts.owner})
        plans = []
        for read in reads:
            plan = Plan(read, warnings=list(read.warnings))
            if read.error:
                plan.refuse(read.error)
            else:
                self._place(plan)
                self._decide(plan, known)
                if self.options.as_effective and plan.outcome in (CREATED, UPDATED):
                    self._let_take_effect(plan, known)
                self._remember(plan)
            plans.append(plan)
        return plans

    @staticmethod
    def _let_take_effect(plan: Plan, known: "_Known") -> None:
        """Say with which number and from when; what stays a draft takes the place of nothing."""
        last = known.last.get(plan.document.pk) if plan.document else None
        state(plan, last)
        if plan.stated and last and not plan.takes_up:
            plan.warnings.append(
                gettext_noop("It takes the place of the version in force. Undoing the import does not bring that back.")
            )

    def linked(self, plan: Plan) -> bytes:
        """The text in which links to other sources lead to their documents, or are plain words."""
        lost = 0

        def link(match: re.Match[bytes]) -> bytes:
            nonlocal lost
            target = self.marks.get(match[1].decode())
            if target is None or not target.code or target.outcome == REFUSED:
                lost += 1
                return match[4]
            return b'<a href="/documents/%s/%s"%s>%s</a>' % (target.code.encode(), match[2] or b"", match[3], match[4])

        text = _LINK.sub(link, plan.read.text.content)
        if lost:
            plan.warnings.append(
                gettext_noop("%(count)d × link to a file that was not imported, now plain words.", count=lost)
            )
        return text

    def look_again(self, plan: Plan) -> None:
        """Plan a source anew that could not be written, where another import of it was quicker."""
        known = _Known([plan.read], self.by, self.options)
        if plan.read.key not in known.by_key:
            return
        plan.outcome, plan.reason, plan.code, plan.number_is_reserved = CREATED, "", "", False
        plan.document = plan.version = None
        plan.warnings = list(plan.read.warnings)
        self._place(plan)
        for rule in (self._taken_number, self._existing):
            rule(plan, known)
            if plan.outcome != CREATED or plan.document:
                break
        if plan.outcome == UPDATED and self.options.as_effective:
            state(plan, known.last.get(plan.document.pk))
        elif plan.outcome == UNCHANGED:
            plan.reason = gettext_noop("Another import brought it in at the same time.")

    # --- one source ---------------------------------------------------------------------------------

    def _place(self, plan: Plan) -> None:
        """Number, kind, department and owner as the file states them."""
        facts = plan.read.facts
        if facts.code:
            code = tidy_code(facts.code)
            plan.code = code if is_well_formed(code) else ""
            if not plan.code:
                said = gettext_noop("“%(code)s” cannot be a number; it gets the next one.", code=facts.code[:80])
                plan.warnings.append(said)
        plan.kind = self.options.kind or _kind_of(plan.code)
        plan.department, plan.owner = self.options.department, self.by
        if facts.department:
            found = self._departments.get(facts.department.lower())
            plan.department = found or plan.department
            if not found:
                said = gettext_noop("There is no department “%(name)s” here.", name=facts.department)
                plan.warnings.append(said)
        if facts.owner:
            found_person = self._people.get(facts.owner.lower())
            plan.owner = found_person or self.by
            if not found_person:
                plan.warnings.append(
                    gettext_noop(
                        "The owner “%(name)s” is not one person here; you answer for it until you name another.",
                        name=facts.owner,
                    )
                )

    def _decide(self, plan: Plan, known: "_Known") -> None:
        before = known.by_key.get(plan.read.key)
        if before and before.pk in known.hidden:
            plan.refuse(gettext_noop("You may not change the document that this source became."))
            return
        for rule in (self._met_in_this_import, self._taken_number, self._same_file_elsewhere, self._existing):
            rule(plan, known)
            if plan.outcome != CREATED or plan.document:
                return

    def _met_in_this_import(self, plan: Plan, known: "_Known") -> None:
        read = plan.read
        twin = None if read.is_row else self.sources.get(read.sha256)
        if read.key in self.keys:
            plan.refuse(gettext_noop("The same source stands twice in this import."))
        elif twin is not None:
            plan.leave(twin.code, gettext_noop("The same file as %(place)s.", place=twin.read.place))
            plan.document = twin.document
        elif plan.code and plan.code in self.codes:
            plan.refuse(
                gettext_noop(
                    "The number %(code)s is stated by %(place)s as well.",
                    code=plan.code,
                    place=self.codes[plan.code].place,
                )
            )

    def _taken_number(self, plan: Plan, known: "_Known") -> None:
        holder, before = known.by_code.get(plan.code), known.by_key.get(plan.read.key)
        if not plan.code or (holder and holder == before):
            return
        newest = known.newest.get(holder.pk) if holder else None
        if newest and newest.source == plan.read.sha256:
            self._as_it_was(plan, holder, newest, known)
        elif before:
            plan.refuse(
                gettext_noop(
                    "It was imported as %(code)s before and now states the number %(stated)s.",
                    code=before.code,
                    stated=plan.code,
                )
            )
        elif holder or plan.code in known.taken:
            plan.refuse(gettext_noop("The number %(code)s is or was used by another source.", code=plan.code))

    def _same_file_elsewhere(self, plan: Plan, known: "_Known") -> None:
        document = known.same_file.get(plan.read.sha256)
        if document and not plan.read.is_row and plan.read.key not in known.by_key:
            said = gettext_noop("The same file was imported as %(code)s.", code=document.code)
            newest = known.newest[document.pk]
            if newest.source == plan.read.sha256:
                self._as_it_was(plan, document, newest, known, said)
            else:
                plan.leave(document.code, said)

    def _as_it_was(
        self, plan: Plan, document: Document, newest: Newest, known: "_Known", said: Said | str = ""
    ) -> None:
        """The portal holds this very source already. It is left alone, unless it is to take effect and waits as the
        draft of an earlier import, which may have been killed before it came to that."""
        draft = known.waiting.get(document.pk)
        plan.document, plan.code, plan.kind = document, document.code, document.kind
        if draft is None:
            plan.leave(document.code, said)
        elif newest.state != State.DRAFT:
            plan.refuse(gettext_noop("%(code)s is on its way to approval here.", code=document.code))
        elif newest.was_worked_on:
            plan.refuse(
                gettext_noop(
                    "Somebody has worked on the draft of %(code)s since it was imported. Submit it for approval, or"
                    " discard it and import the file again.",
                    code=document.code,
                )
            )
        elif not self.by.has_perm("documents.adopt_version", draft):
            plan.refuse(gettext_noop("You may not change this document."))
        else:
            plan.outcome, plan.version, plan.takes_up = UPDATED, draft, True
            plan.reason = gettext_noop("The draft that was imported before takes effect.")

    def _existing(self, plan: Plan, known: "_Known") -> None:
        document = known.by_key.get(plan.read.key)
        if document is None:
            if plan.read.is_known:
                plan.refuse(gettext_noop("It changed while it was imported. Import it again."))
            return
        plan.document, plan.code, plan.kind = document, document.code, document.kind
        newest = known.newest.get(document.pk)
        if newest and newest.source == plan.read.sha256:
            self._as_it_was(plan, document, newest, known)
        elif plan.read.is_known:
            plan.refuse(gettext_noop("It changed while it was imported. Import it again."))
        elif not self._is_the_same(plan.read, document):
            plan.refuse(
                gettext_noop(
                    "Its name is that of the file which became %(code)s, “%(before)s”, but it holds “%(now)s”. State"
                    " the number %(code)s in the file if it is the next version, or give the file another name.",
                    code=document.code,
                    before=document.title,
                    now=plan.read.title,
                )
            )
        elif document.is_retired:
            plan.refuse(gettext_noop("%(code)s is retired.", code=document.code))
        elif newest and newest.state in OPEN:
            plan.refuse(
                gettext_noop(
                    "The file has changed, but a draft of %(code)s is open. Release or discard it first.",
                    code=document.code,
                )
            )
        elif not self.by.has_perm("documents.change_document", document):
            plan.refuse(gettext_noop("You may not change this document."))
        else:
            plan.outcome = UPDATED

    @staticmethod
    def _is_the_same(read: Read, document: Document) -> bool:
        """Whether what came in under a known name is that document: by its number, a source that names its rows, or
        the likeness of title or text. A file name alone is no identity."""
        states_it = read.facts.code and tidy_code(read.facts.code) == document.code
        if read.is_row or states_it or titles_are_alike(read.title, document.title):
            return True
        version = document.versions.exclude(state=State.DISCARDED).select_related("content").first()
        if version is None or version.is_file or read.text is None:
            return False
        return texts_are_alike(text_of(read.text.content.decode()), document.kind_of.text(version.body_bytes()))

    def _remember(self, plan: Plan) -> None:
        self.marks.setdefault(key_mark(plan.read.key), plan)
        if plan.outcome == REFUSED:
            return
        self.keys.add(plan.read.key)
        if not plan.read.is_row:
            self.sources.setdefault(plan.read.sha256, plan)
        if plan.code:
            self.codes.setdefault(plan.code, plan.read)

    def _find_people(self, names: set[str]) -> None:
        """Look the stated owners up by name or address; a name of several people is nobody."""
        unknown = names - self._people.keys()
        if not unknown:
            return
        self._people |= dict.fromkeys(unknown)
        people = Person.objects.active().annotate(lower_name=Lower("name"), lower_email=Lower("email"))
        for person in people.filter(Q(lower_name__in=unknown) | Q(lower_email__in=unknown)).order_by("pk"):
            self._people[person.email.lower()] = person
            name = person.name.lower()
            if name in unknown:
                self._people[name] = None if self._people.get(name) else person


class _Known:
    """What the portal holds already of a batch, in a few queries."""

    def __init__(self, reads: list[Read], by: Person, options: Options) -> None:
        keys = [read.key for read in reads]
        codes = {tidy_code(read.facts.code) for read in reads if read.facts.code}
        files = {read.sha256 for read in reads if read.sha256 and not read.is_row}
        found = list(Document.objects.filter(Q(source_key__in=keys) | Q(code__in=codes)))
        visible = Document.objects.visible_to(by)
        seen = set(visible.filter(pk__in=[document.pk for document in found]).values_list("pk", flat=True))
        self.hidden = {document.pk for document in found} - seen
        self.by_key = {document.source_key: document for document in found if document.source_key}
        self.by_code = {document.code: document for document in found}
        self.taken = set(TakenNumber.objects.filter(code__in=codes).values_list("code", flat=True))
        self.same_file = _imported_as(files, visible) if files else {}
        documents = {document.pk: document for document in (*self.same_file.values(), *found)}
        self.newest = newest_of(documents)
        self.waiting = still_wait(documents, self.newest) if options.as_effective else {}
        self.last = last_released(list(documents)) if options.as_effective else {}


def _imported_as(files: set[str], visible: QuerySet[Document]) -> dict[str, Document]:
    """The visible document that each of these files became."""
    versions = Version.objects.exclude(state=State.DISCARDED).filter(data__has_key="source_sha256")
    hashed = versions.annotate(source=KeyTextTransform("source_sha256", "data")).filter(source__in=files)
    became = dict(hashed.filter(document__in=visible).order_by("pk").values_list("source", "document"))
    documents = Document.objects.in_bulk(became.values())
    return {source: documents[pk] for source, pk in became.items()}


def _kind_of(code: str) -> str:
    """The kind whose prefix a number begins with; an SOP where it says nothing."""
    return next((kind.key for kind in all_kinds() if code.startswith(f"{kind.prefix}-")), "sop")
