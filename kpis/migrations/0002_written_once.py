"""Measurements and definitions are written once. Of a measurement only the mark that it is current may be taken away."""

from django.db import migrations

from core.append_only import append_only

WRITTEN_ONCE = """
CREATE FUNCTION portal_measurement_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    expected kpis_measurement := OLD;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'measurements are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    expected.is_current := false;
    IF NOT OLD.is_current OR NEW IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'a measurement is written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER measurement_is_written_once BEFORE UPDATE OR DELETE ON kpis_measurement
    FOR EACH ROW EXECUTE FUNCTION portal_measurement_is_written_once();
"""
UNDO = """
DROP TRIGGER measurement_is_written_once ON kpis_measurement; DROP FUNCTION portal_measurement_is_written_once();
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0001_initial")]

    operations = [
        migrations.RunSQL(WRITTEN_ONCE, UNDO),
        append_only("kpis_definition"),
    ]
