from django.db import migrations

# As ``search_text.kind_word`` writes it from now on.
ADD = """
UPDATE core_catalogtext t SET vector = t.vector || array_to_tsvector(ARRAY[' ' || e.kind])
FROM core_catalogentry e WHERE e.id = t.entry_id AND t.vector IS NOT NULL;
"""
REMOVE = """
UPDATE core_catalogtext t SET vector = ts_delete(t.vector, ' ' || e.kind)
FROM core_catalogentry e WHERE e.id = t.entry_id AND t.vector IS NOT NULL;
"""


class Migration(migrations.Migration):
    """The index of words also holds each entry's kind, so that a common word within a kind is found in it at once."""

    dependencies = [("core", "0010_organisation")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
