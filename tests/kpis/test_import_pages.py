"""The pages of an import: upload, columns, preview, result, undo."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.jobs import run_waiting
from kpis.models import Measurement, MeasurementImport
from tests.cast import flat


def upload(client, kpi, text, name="values.csv"):
    address = reverse("kpis:kpi-import", args=[kpi.code]) if kpi else reverse("kpis:imports")
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(address, {"file": file})


def read(client, address):
    return flat(client.get(address).content.decode())


def test_file_goes_from_upload_to_undo(kpi, owner, browse):
    client = browse(owner)
    answer = upload(client, kpi, "Month,Value,Why\n2024-01,5,ok\n2024-02,n/a,\n2024-03,7,\n")
    address = answer["Location"]
    assert "Choose columns" in read(client, address)
    client.post(address, {"column_period": "0", "column_value": "1", "column_comment": "2"})
    page = read(client, address)
    assert "Import 2 values" in page
    assert "“n/a” is not a number." in page
    assert not Measurement.objects.exists()
    client.post(address, {"what": "import"})
    assert "Waiting for its turn." in read(client, address)
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
    run_waiting(1)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Undo import" in read(client, address)
    assert Measurement.objects.current().count() == 2
    client.post(address, {"what": "undo"})
    run_waiting(1)
    assert "What was there before counts again" in read(client, address)
    assert not Measurement.objects.current().exists()


def test_pressing_import_twice_imports_once(kpi, owner, browse):
    client = browse(owner)
    address = upload(client, kpi, "Month,Value\n2024-01,5\n")["Location"]
    client.post(address, {"column_period": "0", "column_value": "1"})
    for _ in range(3):
        client.post(address, {"what": "import"})
    assert run_waiting(1) == 1
    assert Measurement.objects.count() == 1


def test_columns_that_are_missing_are_said_at_their_field(kpi, owner, browse):
    client = browse(owner)
    address = upload(client, kpi, "A,B\n1,2\n")["Location"]
    answer = client.post(address, {"column_value": "1"})
    assert answer.status_code == 422
    assert "Choose the column. Every row needs it." in answer.content.decode()
    answer = client.post(address, {"column_period": "0", "column_value": "1", "replace": "on"})
    assert "Enter why stored values are replaced." in answer.content.decode()
    assert client.post(address, {"column_period": "77", "column_value": "1"}).status_code == 422


@pytest.mark.parametrize("content", [b"", b"Month,Value\n", b"\x00\x01", b"PK\x03\x04zip"])
def test_file_that_is_no_table_is_refused_at_its_field(kpi, owner, browse, content):
    answer = upload(browse(owner), kpi, content)
    assert answer.status_code == 422
    assert not MeasurementImport.objects.exists()


def test_import_is_seen_by_its_person_alone(kpi, owner, author, browse):
    address = upload(browse(owner), kpi, "Month,Value\n2024-01,5\n")["Location"]
    assert browse(author).get(address).status_code == 404
    assert browse(author).post(address, {"what": "import"}).status_code == 404


def test_file_for_several_kpis_names_them_in_a_column(kpi, make_kpi, owner, outsider, browse):
    make_kpi("KPI-002")
    client = browse(owner)
    address = upload(client, None, "KPI,Month,Value\nKPI-001,2024-01,5\nKPI-002,2024-01,6\n")["Location"]
    client.post(address, {"column_kpi": "0", "column_period": "1", "column_value": "2"})
    client.post(address, {"what": "import"})
    run_waiting(1)
    assert Measurement.objects.count() == 2
    assert browse(outsider).get(reverse("kpis:imports")).status_code == 403


def test_template_names_the_columns_of_the_kpi(ratio, owner, browse):
    answer = browse(owner).get(reverse("kpis:kpi-import-template", args=[ratio.code, "csv"]))
    assert (
        answer.content.decode("utf-8-sig").strip()
        == "Period,Numerator,Denominator or weight,Site,Left out,Comment,Evidence"
    )
