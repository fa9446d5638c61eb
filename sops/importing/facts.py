"""Finding a procedure's number, version, dates and people in the words of a page header, table or property list."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import PurePosixPath

from core.safe.words import Said, gettext_noop


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says about itself; None where it says nothing that could be understood."""

    code: str | None = None
    version: str | None = None
    effective_on: date | None = None
    approved_on: date | None = None
    approver: str | None = None
    owner: str | None = None
    review_due_on: date | None = None
    department: str | None = None
    dated_on: date | None = None  # the file's own date, of which nobody said what it means

    def filled_from(self, other: Facts) -> Facts:
        """These facts, with gaps filled from less trusted ones."""
        gaps = {f.name: getattr(other, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **gaps)


READ_UP_TO = 20_000  # characters of a page header; real ones have some hundred
# "QMH-4.2-01" is no QMH-4: half a number is worse than none.
CODE = re.compile(r"\b[A-Z]{2,5}(?:-[A-Z0-9]{1,6})*-\d{1,5}\b(?![.,-]\d)")
_USUAL_PREFIX = re.compile(r"(?i)(?:sop|pol|wi|frm|form|va|pa|qp)-")
_NOT_OURS = re.compile(r"(?:ISO|IEC|EN|DIN|ASTM|IEEE|UTF|SHA|COVID|NIST|GMP|CFR|RFC|BS)-")
_VERSION = re.compile(
    r"(?i:v(?:er(?:sion)?|\.)?\s*|rev(?:ision)?\.?\s*)?(\d{1,4}(?:\.\d{1,4}){0,3}[a-z]?|[A-Z]{1,2})(?![\w./-]\d|\w)"
)
# Order matters: the longer and more exact label comes first. "" is understood only so as not to be misread.
_LABELS = {
    "": r"(?:revision|rev\.?|version|print(?:ed)?|druck)\s*-?(?:date|datum)|"
    r"date of revision|"
    r"supersedes|replaces|ersetzt|"
    r"(?:revision|version)\s+history|page|seite|prepared by|written by|erstellt (?:von|durch|am)|"
    r"author|autor|verfasser|auteur|rédigé par|redactado por|elaborado por|redatto da|opgesteld door|"
    r"classification|title|titel|created|geprüft (?:von|durch|am)|(?:checked|reviewed) (?:by|on)",
    "effective_on": r"effective(?:\s*(?:date|from|on|since|as of))?|valid\s+(?:from|as of)|in force (?:from|since)|"
    r"date of issue|issue\s*date|date issued|issued(?: on)?|gültig\s*(?:ab|seit|von)|gueltig ab|in kraft (?:seit|ab)|"
    r"inkrafttreten|gültigkeitsdatum|ausgabedatum|stand|"
    r"(?:date d['’])?(?:application|entrée en vigueur)|en vigueur (?:le|depuis)|applicable (?:le|à partir du)|"
    r"fecha de (?:vigencia|entrada en vigor|emisión)|vigente desde|data de vigência|vigente a partir de|"
    r"data di (?:emissione|entrata in vigore|validità)|in vigore dal|ingangsdatum|geldig vanaf|"
    r"obowiązuje od|gäller från",
    "review_due_on": r"(?:next|periodic)\s+review(?:\s+(?:due|date|on|by))*|"
    r"review\s+(?:due|date|by|on)(?:\s+(?:date|on|by))?|"
    r"(?:due for|date of next) review|valid (?:until|to)|expir(?:y date|es)(?: on)?|nächste\s+(?:über)?prüfung(?: am)?|"
    r"überprüfung\s+(?:am|bis|fällig)|gültig bis|nächste revision|"
    r"prochaine\s+(?:révision|revue)(?: le)?|próxima revis(?:ión|ão)|prossima revisione|volgende (?:review|revisie)",
    "approved_on": r"(?:date\s+(?:of\s+)?approv(?:al|ed)|approv(?:al|ed)\s+(?:date|on)|freigabe(?:datum| am)|"
    r"(?:freigegeben|genehmigt)\s+am|date d['’]approbation|approuvé le|fecha de aprobación|data de aprovação|"
    r"data di approvazione|goedgekeurd op)",
    "approver": r"approved(?:\s+by)?|approver|authori[sz]ed by|freigegeben(?:\s+(?:von|durch))?|"
    r"genehmigt(?:\s+(?:von|durch))?|freigeber(?:in)?|approuvé(?: par)?|approbateur|aprobado(?: por)?|"
    r"aprovado(?: por)?|approvato(?: da)?|goedgekeurd(?: door)?",
    "owner": r"(?:(?:document|process|procedure|sop|policy)\s+)?owner|responsible(?: person)?|prozesseigner(?:in)?|"
    r"dokumenteneigner(?:in)?|eigner(?:in)?|verantwortlich(?:e|er)?",
    "department": r"department|dept\.?|abteilung|fachbereich|bereich",
    "code": r"(?:doc(?:ument)?|sop|procedure|policy|wi|form|reference|ref)\.?\s*(?:no\b\.?|number|nr\.?|id\b|code|#)|"
    r"(?:dokument(?:en)?|dok\.?|sop|verfahrens|va)[- ]?(?:nr\.?|nummer|kennung)|"
    r"(?:numéro|n°|référence|réf\.?)(?: (?:du|de) document)?|número(?: de documento)?|numero(?: (?:del )?documento)?|"
    r"documentnummer|código|codice|document\s*:|dokument\s*:|reference|nummer|nr\.|code|id",
    "version": r"version(?:\s*(?:no\b\.?|number|nr\.?))?|ver\.|revision(?:\s*(?:no\b\.?|number|nr\.?))?|"
    r"rev\b\.?(?:\s*(?:no\b\.?|nr\.?))?|issue(?:\s*(?:no\b\.?|number))?|edition|ausgabe|"
    r"revisionsstand|änderungsstand|révision|édition|versión|revisión|edición|versão|revisão|versione|revisione|"
    r"edizione|versie|revisie|wersja|utgåva|v(?=\s?\d)",
}
_NAMES = list(_LABELS)
_LABEL = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<f{n}>{pattern})" for n, pattern in enumerate(_LABELS.values()))
    + r")(?![^\W\d_])",
    re.IGNORECASE,
)
_GAP = re.compile(r"\t|\||\s{2,}|;|•|·")
_SEPARATORS = " \t\u00a0:：=#|–-"
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u00ad": None})
_DATES = ("effective_on", "review_due_on", "approved_on")


def parse_facts(text: str, *, only_labelled: bool = False) -> tuple[Facts, list[Said]]:
    """Read labelled values such as "SOP-014  Version 3.0  Effective 1 October 2026", and say what is unclear."""
    found: dict[str, object] = {}
    warnings: list[Said] = []
    text = text[:READ_UP_TO].translate(_HYPHENS)
    for line in _whole_lines(text):
        for field_name, value in _labelled(line):
            _note(field_name, value, found, warnings)
    if "code" not in found and not only_labelled:
        codes = [match[0] for match in CODE.finditer(text) if not _NOT_OURS.match(match[0])]
        if codes:
            found["code"] = codes[0]
    return Facts(**found), warnings


def _whole_lines(text: str) -> list[str]:
    """The lines; one that is only a label comes with the value on the line below it."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and line.strip() and field_called(lines[-1].strip(" \t:")) and not _LABEL.match(line.strip()):
            lines[-1] = f"{lines[-1].strip().rstrip(':')}: {line.strip()}"
        else:
            lines.append(line)
    return lines


def field_called(label: str) -> str | None:
    """The fact that a label of its own names: "Gültig ab" is the day from which it is effective."""
    match = _LABEL.fullmatch(label)
    return _NAMES[int((match.lastgroup or "f0")[1:])] or None if match else None


def not_understood(written: str) -> Said:
    """What is said of a date in a spelling nobody reads here."""
    return gettext_noop("The date “%(written)s” was not understood. Enter it by hand.", written=written[:60])


def labelled_lines(text: str) -> str:
    """Only the lines that are nothing but a label, a colon and its value: "Version: 3.0"."""
    lines = (line.strip() for line in text.splitlines())
    labels = ((line, _LABEL.match(line)) for line in lines if len(line) <= 120)
    return "\n".join(line for line, label in labels if label and line[label.end() :].lstrip().startswith(":"))


def _labelled(line: str) -> list[tuple[str, str]]:
    labels = list(_LABEL.finditer(line))
    pairs = []
    for place, label in enumerate(labels):
        end = labels[place + 1].start() if place + 1 < len(labels) else len(line)
        rest = line[label.end() : end]
        separator = rest[: len(rest) - len(rest.lstrip(_SEPARATORS))]
        value = _GAP.split(rest[len(separator) :])[0].strip(" ,.:–-")
        field_name = _NAMES[int((label.lastgroup or "f0")[1:])]
        # People and departments need a sign that a value follows, a colon or a cell of its own: else any sentence with
        # "owner" would name one, and "Approved Vendor Sheet" an approver.
        explicit = bool(re.search(r"[:：=|\t#]|\s{2}", separator))
        if field_name in ("owner", "department", "approver") and not (explicit and _may_be_a_name(value)):
            continue
        if field_name and value:
            pairs.append((field_name, value))
            if field_name == "approver" and (day := _day_beside(rest[len(separator) :])):
                pairs.append(("approved_on", day))
    return pairs


def _may_be_a_name(value: str) -> bool:
    """Whether the words can name a person, a job or a department: a few, with letters, and no sentence."""
    bare = _without_date(value)
    return 0 < len(bare) <= 80 and len(bare.split()) <= 8 and bool(re.search(r"[^\W\d_]{2}", bare))


def _day_beside(cells: str) -> str:
    """The one further cell of a row of signatures that holds a date."""
    days = [cell for cell in _GAP.split(cells)[1:] if parse_date(cell)[0]]
    return days[0] if len(days) == 1 else ""


def _note(field_name: str, value: str, found: dict[str, object], warnings: list[Said]) -> None:
    if field_name == "approver":
        _note("approved_on", value, found, warnings)
        value = _without_date(value)
    if field_name in found or len(value) < 1:
        return
    read: object = value[:200]
    if field_name in _DATES:
        read, said = parse_date(value)
        warnings += [said] if said else []
    elif field_name == "version":
        read = parse_version(value)
    elif field_name == "code":
        read = _code(value)
    if read:
        found[field_name] = read


def code_in_name(name: str) -> str | None:
    """The number a file's name begins with, in capitals ("SOP-014 Receiving.docx") or with a usual prefix in small
    letters; "upgrade-to-rails-8.md" states none."""
    stem = PurePosixPath(name).stem
    if re.match(r"[A-Z]{2,5}_", stem):
        stem = stem.replace("_", "-", 2).replace("_", " ")
    match = CODE.match(stem) or (CODE.match(stem.upper()) if _USUAL_PREFIX.match(stem) else None)
    return match[0] if match and not _NOT_OURS.match(match[0]) else None


def _code(value: str) -> str | None:
    match = CODE.search(value)
    if match:
        return match[0]
    match = re.match(r"[A-Z][A-Z0-9]*(?:[-_./ ]?[A-Z0-9]+){0,5}(?![a-z])|\d+(?:[-./]\d+)+", value)
    return match[0].strip()[:40] if match and re.search(r"\d", match[0]) else None


def parse_version(value: str) -> str | None:
    """The version written as "3", "3.0", "v3.1" or "Rev. C", without what stands before it."""
    match = _VERSION.match(value.strip()) or _VERSION.match(value.strip().lower())
    return match[1] if match else None


def version_number(version: str) -> tuple[int, int] | None:
    """A version as the portal counts it, major and minor; letters count A = 1, B = 2."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if numbers:
        return int(numbers[1]), int(numbers[2] or 0)
    if re.fullmatch(r"[A-Z]", version):
        return ord(version) - ord("A") + 1, 0
    return None


_MONTHS = {
    name: number
    for number, listed in enumerate(
        (
            "jan january januar jänner jän janvier enero ene gennaio gen januari janeiro styczeń stycznia",
            "feb february februar feber février févr fevrier febrero febbraio februari fevereiro fev",
            "mar march märz mär maerz mrz mars marzo maart mrt março",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago augustus augusti",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october okt oktober octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dez dezember décembre déc decembre diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for name in listed.split()
}
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?[\s/-]*(?:(?:of|de|di)\s+)?([^\W\d_]{3,10})\.?,?[\s/-]*(?:de[l]?\s+)?"
    r"(\d{4}|(?<=-)\d{2})(?!\d)",
    re.I,
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.I)
_YEAR_MONTH_DAY = re.compile(r"(?<!\d)(\d{4})[\s/.-]([^\W\d_]{3,10})\.?[\s/.-](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_ALL_DATES = (_ISO, _YEAR_MONTH_DAY, _DAY_MONTH, _MONTH_DAY, _DOTTED, _SLASHED, _COMPACT)
_LOOKS_LIKE_ONE = re.compile(r"\d{1,4}[./-]\d{1,2}|(?<!\d)(?:19|20)\d\d(?!\d)")
EARLIEST, LATEST = 1900, 2199  # what lies outside is a slip of the pen


def parse_date(value: str) -> tuple[date | None, Said | None]:
    """The first date in these words; a date that can be read two ways is not guessed but spoken of."""
    value = value[:500]
    if match := _ISO.search(value):
        return _day(int(match[1]), int(match[2]), int(match[3]), match[0])
    for pattern, (year_at, month_at, day_at) in (
        (_YEAR_MONTH_DAY, (1, 2, 3)),
        (_DAY_MONTH, (3, 2, 1)),
        (_MONTH_DAY, (3, 1, 2)),
    ):
        match = pattern.search(value)
        month = _MONTHS.get(match[month_at].lower()) if match else None
        if match and month:
            return _day(_full_year(match[year_at]), month, int(match[day_at]), match[0])
    if match := _DOTTED.search(value):
        return _day(_full_year(match[3]), int(match[2]), int(match[1]), match[0])
    if match := _SLASHED.search(value):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first > 12 or first == second:
            return _day(year, second, first, match[0])
        if second > 12:
            return _day(year, first, second, match[0])
        return None, gettext_noop("The date “%(written)s” can be read two ways. Enter it by hand.", written=match[0])
    if match := _COMPACT.search(value):
        return _day(int(match[1]), int(match[2]), int(match[3]), match[0])
    if _LOOKS_LIKE_ONE.search(value):
        return None, not_understood(value)
    return None, None


def _full_year(written: str) -> int:
    return int(written) if len(written) == 4 else 2000 + int(written)


def _day(year: int, month: int, day: int, written: str) -> tuple[date | None, Said | None]:
    try:
        if EARLIEST <= year <= LATEST:
            return date(year, month, day), None
        raise ValueError
    except ValueError:
        return None, gettext_noop("“%(written)s” is not a date.", written=written)


def _without_date(value: str) -> str:
    for pattern in _ALL_DATES:
        value = pattern.sub("", value)
    return re.sub(r"\b(?:on|am|date)\b\s*$", "", value.strip(" ,.;:()–-/")).strip(" ,.;:()–-/")
