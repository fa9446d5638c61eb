"""Who had a hand in a version is kept with it, and does not change once it is released."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Processes of the release before know nothing of the column and go on starting documents meanwhile.
DEFAULT = "ALTER TABLE documents_version ALTER COLUMN writer_ids SET DEFAULT '{}';"
# What is open now: who opened it and whose saves stand in its history.
FILL = """
UPDATE documents_version v SET writer_ids = ARRAY(
    SELECT DISTINCT person FROM (
        SELECT v.author_id AS person
        UNION SELECT h.history_user_id FROM documents_historicalversion h
        WHERE h.id = v.id AND h.history_change_reason IN ('opened', 'edited')
    ) found WHERE person IS NOT NULL ORDER BY person)
WHERE v.state IN ('draft', 'in_review', 'changes_requested');
"""
FROZEN = """
CREATE FUNCTION portal_released_proof_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.author_id, NEW.writer_ids, NEW.submitted_at, NEW.submitted_by_id, NEW.approved_before, NEW.change,
        NEW.reason, NEW.planned_on)
       IS DISTINCT FROM
       (OLD.author_id, OLD.writer_ids, OLD.submitted_at, OLD.submitted_by_id, OLD.approved_before, OLD.change,
        OLD.reason, OLD.planned_on)
       OR (OLD.state = 'retired' AND NEW.state <> 'retired') THEN
        RAISE EXCEPTION 'who wrote a released version, why, and that it is retired does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER released_proof_is_frozen BEFORE UPDATE ON documents_version FOR EACH ROW
    WHEN (OLD.state IN ('approved', 'retired')) EXECUTE FUNCTION portal_released_proof_is_frozen();
"""
UNDO = "DROP TRIGGER released_proof_is_frozen ON documents_version; DROP FUNCTION portal_released_proof_is_frozen();"


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_review_order_down'),
    ]

    operations = [
        migrations.AddField(
            model_name='version',
            name='writer_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None),
        ),
        migrations.RunSQL(DEFAULT, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(FROZEN, UNDO),
    ]
