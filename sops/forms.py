"""What people choose when they import procedures."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.safe.filetype import HEAD_BYTES, WrongType, identify
from core.safe.zip import UnsafeArchive, checked_zip
from documents.forms import SigningForm
from documents.kinds import all_kinds
from people.models import Department
from sops.import_run import ADOPT
from sops.import_words import packed, spoken
from sops.importing.sources import LINES, MARKDOWN, WORD
from sops.models import ImportSettings

ALONE = _("Import an archive or a .jsonl file on its own.")


class SeveralFiles(forms.ClearableFileInput):
    """The browser's file chooser, for more than one file."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; all are judged, and each that cannot be taken is named."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [super(FilesField, self).clean(each, initial) for each in data or [None]]
        problems = [problem for upload in uploads if (problem := trouble_with(upload))]
        if problems:
            raise forms.ValidationError(problems)
        return uploads


def trouble_with(upload: UploadedFile) -> str:
    """Why this file cannot be imported, or an empty text."""
    name = (upload.name or "").lower()
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    try:
        if name.endswith(".zip"):
            checked_zip(upload).close()
        elif name.endswith(LINES):
            if name.endswith(".gz") != head.startswith(b"\x1f\x8b"):
                return _t("“%(name)s”: the content is not what the name says.") % {"name": upload.name}
        elif name.endswith(WORD + MARKDOWN):
            identify(name, head, upload)
        else:
            return _t("“%(name)s” cannot be imported. Choose .docx, .md, .zip or .jsonl files.") % {"name": upload.name}
    except (UnsafeArchive, WrongType) as problem:
        return f"“{upload.name}”: {spoken(packed(problem.args[0]))}"
    return ""


class ImportForm(forms.Form):
    """Files, and what is true of those that do not say it themselves."""

    files = FilesField(
        label=_("Files"),
        help_text=_(
            "Word (.docx) and Markdown (.md), several at once or as one .zip with their pictures; or one file of JSON "
            "lines (.jsonl). An archive and JSON lines are imported alone."
        ),
        widget=SeveralFiles(
            attrs={
                "accept": ".docx,.md,.markdown,.zip,.jsonl,.gz,.ndjson",
                "data-alone": " ".join((".zip", *LINES)),
                "data-alone-words": ALONE,
            }
        ),
        error_messages={"required": _("Choose at least one file")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, help_text=_("POL-, WI- and FRM- numbers say it themselves.")
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=None,
        required=False,
        empty_label=_("As the files say"),
        help_text=_("Of files that name none; it also stands in new numbers."),
    )
    as_effective = forms.BooleanField(
        label=_("They are approved already: let them take effect with their old number, version and dates"),
        required=False,
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [(kind.key, kind.label) for kind in all_kinds() if person.has_perm(kind.write_permission)]
        self.fields["kind"].choices = [("", _("By the number, else SOP")), *mine]
        self.fields["department"].queryset = Department.objects.filter(is_active=True)
        if not (person.has_perm(ADOPT) and ImportSettings.current().may_take_effect):
            del self.fields["as_effective"]

    def clean_files(self) -> list[UploadedFile]:
        uploads = self.cleaned_data["files"]
        names = [PurePosixPath(upload.name).name for upload in uploads]
        if len(uploads) > 1 and any(name.lower().endswith((".zip", *LINES)) for name in names):
            raise forms.ValidationError(ALONE)
        if len({name.casefold() for name in names}) < len(names):
            raise forms.ValidationError(_("Two of the files have the same name."))
        return uploads

    def as_one_file(self) -> tuple[str, File]:
        """What is stored: the single file, or an archive of several."""
        uploads = self.cleaned_data["files"]
        if len(uploads) == 1:
            return PurePosixPath(uploads[0].name).name[-200:], uploads[0]
        packed_files = BytesIO()
        with zipfile.ZipFile(packed_files, "w", zipfile.ZIP_STORED) as archive:
            for upload in uploads:
                upload.seek(0)
                archive.writestr(PurePosixPath(upload.name).name, upload.read())
        return _t("%(n)s files.zip") % {"n": len(uploads)}, ContentFile(packed_files.getvalue())


class EffectiveForm(SigningForm):
    """A signature under an import that takes effect at once."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_without_proof()
        return data


class UndoForm(EffectiveForm):
    """Why an import that took effect is taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason")},
    )

    field_order = ("reason", "password", "code")
