"""Files on the local disk, written so that a full disk or a killed process leaves no part of a file behind."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = ".part-"


def is_part(path: Path) -> bool:
    """Whether this is a file that is being written, or was when its process was killed."""
    return path.name.startswith(PART)


class CarefulStorage(FileSystemStorage):
    """Writes under a temporary name, waits for the disk, then renames; removes the part when anything fails."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=self.directory_permissions_mode or 0o700)
        handle, part = tempfile.mkstemp(prefix=PART, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(part, self.file_permissions_mode or 0o600)
            os.link(part, target)  # unlike a rename it does not replace what is there
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
        return name.replace("\\", "/")
