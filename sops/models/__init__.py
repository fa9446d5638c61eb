from sops.models.import_run import ImportRow, ImportRun
from sops.models.import_settings import ImportSettings
from sops.models.procedure import Procedure
from sops.models.redline import StoredRedline
from sops.models.reserved_number import ReservedNumber

__all__ = ["ImportRow", "ImportRun", "ImportSettings", "Procedure", "ReservedNumber", "StoredRedline"]
