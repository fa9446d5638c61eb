from kpis.models.definition import Aggregation, Definition, Direction, Grain, Kind, Per
from kpis.models.judgement import Judgement
from kpis.models.kpi import Kpi, KpiGrant
from kpis.models.limits import ChartKind, ChartMethod, ExcludedPoint, LimitVersion
from kpis.models.marker import ChangeMarker, Proposal
from kpis.models.measurement import Measurement, Way
from kpis.models.measurement_import import ColumnMapping, MeasurementImport
from kpis.models.report import (
    Commentary,
    Report,
    ReportDelivery,
    ReportFile,
    ReportItem,
    ReportPage,
    ReportRun,
)
from kpis.models.target import Target

__all__ = [
    "Aggregation",
    "ChangeMarker",
    "ChartKind",
    "ChartMethod",
    "ColumnMapping",
    "Definition",
    "Direction",
    "ExcludedPoint",
    "Grain",
    "Judgement",
    "Kind",
    "Kpi",
    "KpiGrant",
    "LimitVersion",
    "Measurement",
    "MeasurementImport",
    "Per",
    "Proposal",
    "Target",
    "Way",
    "Commentary",
    "Report",
    "ReportDelivery",
    "ReportFile",
    "ReportItem",
    "ReportPage",
    "ReportRun",
]
