"""The moment of a ledger line is the database's own, whoever inserts it; only the demo's past is told, and marked."""

from django.db import migrations

NOW = """
CREATE FUNCTION portal_ledger_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.data ? 'demo') THEN
        NEW.at := statement_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER core_ledgerline_moment BEFORE INSERT ON core_ledgerline
    FOR EACH ROW EXECUTE FUNCTION portal_ledger_moment();
"""
BACK = "DROP TRIGGER core_ledgerline_moment ON core_ledgerline; DROP FUNCTION portal_ledger_moment();"


class Migration(migrations.Migration):
    dependencies = [("core", "0014_entries_by_number")]
    operations = [migrations.RunSQL(NOW, BACK)]
