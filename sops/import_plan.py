"""What an import would do with each source, and why: new document, new draft, nothing, or refused."""

import re
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from core.models import TakenNumber
from core.numbering import is_well_formed, tidy_code
from core.safe.words import Said, gettext_noop
from documents.kinds import all_kinds
from documents.lifecycle import OPEN, State
from documents.models import Document, Version
from people.models import Department, Person
from sops.importing.reading import Read
from sops.importing.sources import LINK, key_mark

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
    adopted: bool = False
    warnings: list[Said | str] = field(default_factory=list)

    def refuse(self, reason: Said | str) -> None:
        self.outcome, self.reason = REFUSED, reason

    def leave(self, code: str, reason: Said | str = "") -> None:
        self.outcome, self.reason, self.code = UNCHANGED, reason, code


@dataclass(frozen=True)
class Newest:
    """The newest version of a document that was not discarded."""

    state: str
    source: str


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
        known = _Known(reads, self.by)
        self._find_people({read.facts.owner.lower() for read in reads if read.facts.owner})
        plans = []
        for read in reads:
            plan = Plan(read, warnings=list(read.warnings))
            if read.error:
                plan.refuse(read.error)
            else:
                self._place(plan)
                self._decide(plan, known)
                self._remember(plan)
            plans.append(plan)
        return plans

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
        if holder and known.newest.get(holder.pk, Newest("", "")).source == plan.read.sha256:
            plan.document = holder
            plan.leave(holder.code)
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
        code = known.same_file.get(plan.read.sha256)
        if code and not plan.read.is_row and plan.read.key not in known.by_key:
            plan.leave(code, gettext_noop("The same file was imported as %(code)s.", code=code))

    def _existing(self, plan: Plan, known: "_Known") -> None:
        document = known.by_key.get(plan.read.key)
        if document is None:
            if plan.read.is_known:
                plan.refuse(gettext_noop("It changed while it was imported. Import it again."))
            return
        plan.document, plan.code, plan.kind = document, document.code, document.kind
        newest = known.newest.get(document.pk)
        if newest and newest.source == plan.read.sha256:
            plan.leave(document.code)
        elif plan.read.is_known:
            plan.refuse(gettext_noop("It changed while it was imported. Import it again."))
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
            if self.options.as_effective and newest:
                plan.warnings.append(
                    gettext_noop(
                        "It takes the place of the version in force. Undoing the import does not bring that back."
                    )
                )

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


def newest_hashes(keys: list[str]) -> dict[str, str]:
    """The hash of what the source of each key became last, as far as it was imported."""
    versions = Version.objects.exclude(state=State.DISCARDED).filter(document__source_key__in=keys)
    hashed = versions.annotate(source=KeyTextTransform("source_sha256", "data")).order_by("sequence")
    return {key: source or "" for key, source in hashed.values_list("document__source_key", "source")}


class _Known:
    """What the portal holds already of a batch, in five queries."""

    def __init__(self, reads: list[Read], by: Person) -> None:
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
        versions = Version.objects.exclude(state=State.DISCARDED).annotate(
            source=KeyTextTransform("source_sha256", "data")
        )
        rows = versions.filter(document__in=found).order_by("sequence").values_list("document_id", "state", "source")
        self.newest = {pk: Newest(state, source or "") for pk, state, source in rows}
        same = versions.filter(data__has_key="source_sha256", source__in=files, document__in=visible)
        self.same_file: dict[str, str] = dict(same.values_list("source", "document__code")) if files else {}


def _kind_of(code: str) -> str:
    """The kind whose prefix a number begins with; an SOP where it says nothing."""
    return next((kind.key for kind in all_kinds() if code.startswith(f"{kind.prefix}-")), "sop")
