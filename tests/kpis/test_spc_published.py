"""What the portal computes, beside figures that others published."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

FILES = (
    "nist_strd_univariate",
    "nist_handbook_spc",
    "qcc",
    "runs_rules",
    "spc_constants",
    "six_sigma",
    "nhs_plot_the_dots",
)


@pytest.mark.parametrize("name", FILES)
def test_every_published_figure_lies_inside_its_tolerance(name, shared_data, capsys):
    call_command("spc_check", str(shared_data / "spc" / f"{name}.json"))
    assert ", 0 outside" in capsys.readouterr().out


def test_a_figure_outside_its_tolerance_fails_the_check(tmp_path: Path, shared_data):
    content = json.loads((shared_data / "spc" / "nist_handbook_spc.json").read_text())
    content["imr"]["published"]["ucl"] = 55.9
    (tmp_path / "changed.json").write_text(json.dumps(content))
    with pytest.raises(CommandError, match="1 of 37 cases"):
        call_command("spc_check", str(tmp_path / "changed.json"))


def test_a_file_without_figures_fails_the_check(tmp_path: Path):
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(CommandError, match="No file holds figures"):
        call_command("spc_check", str(tmp_path / "other.json"))


def test_a_case_that_cannot_be_read_fails_the_check(tmp_path: Path, shared_data):
    content = json.loads((shared_data / "spc" / "qcc.json").read_text())
    content["expected"]["pistonrings_hotelling"] = {"published": {"center": 1}}
    (tmp_path / "changed.json").write_text(json.dumps(content))
    with pytest.raises(CommandError, match="hotelling"):
        call_command("spc_check", str(tmp_path / "changed.json"))
