"""What is released stays as it was signed; decisions and reviews are written once. Held by the database too."""

from django.db import migrations

from core.append_only import append_only

FROZEN = """
CREATE FUNCTION portal_released_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'versions are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('approved', 'retired') AND (
        (NEW.document_id, NEW.sequence, NEW.title, NEW.content_id, NEW.file_name, NEW.data, NEW.major, NEW.minor,
         NEW.number_label, NEW.manifest_hash, NEW.approved_at, NEW.effective_from)
        IS DISTINCT FROM
        (OLD.document_id, OLD.sequence, OLD.title, OLD.content_id, OLD.file_name, OLD.data, OLD.major, OLD.minor,
         OLD.number_label, OLD.manifest_hash, OLD.approved_at, OLD.effective_from)
        OR NEW.state NOT IN ('approved', 'retired')
    ) THEN
        RAISE EXCEPTION 'a released version does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER released_version_is_frozen BEFORE UPDATE OR DELETE ON documents_version
    FOR EACH ROW EXECUTE FUNCTION portal_released_version_is_frozen();

CREATE FUNCTION portal_content_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.sha256, NEW.media_type, NEW.encoding, NEW.bytes)
       IS DISTINCT FROM (OLD.sha256, OLD.media_type, OLD.encoding, OLD.bytes) THEN
        RAISE EXCEPTION 'content does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER content_is_frozen BEFORE UPDATE ON documents_content
    FOR EACH ROW EXECUTE FUNCTION portal_content_is_frozen();
"""
UNDO = """
DROP TRIGGER released_version_is_frozen ON documents_version; DROP FUNCTION portal_released_version_is_frozen();
DROP TRIGGER content_is_frozen ON documents_content; DROP FUNCTION portal_content_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("core", "0004_written_once")]
    operations = [
        migrations.RunSQL(FROZEN, UNDO),
        append_only("documents_decision"),
        append_only("documents_review"),
    ]
