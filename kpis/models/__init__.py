from kpis.models.definition import Aggregation, Definition, Direction, Grain, Kind, Per
from kpis.models.kpi import Kpi, KpiGrant
from kpis.models.measurement import Measurement, Way
from kpis.models.measurement_import import ColumnMapping, MeasurementImport
from kpis.models.target import Target

__all__ = [
    "Aggregation",
    "ColumnMapping",
    "Definition",
    "Direction",
    "Grain",
    "Kind",
    "Kpi",
    "KpiGrant",
    "Measurement",
    "MeasurementImport",
    "Per",
    "Target",
    "Way",
]
