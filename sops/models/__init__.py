from sops.models.import_run import ImportRow, ImportRun
from sops.models.procedure import Procedure

__all__ = ["ImportRow", "ImportRun", "Procedure"]
