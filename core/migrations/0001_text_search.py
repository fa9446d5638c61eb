"""Extensions, and the text configuration of the search: Snowball without stop words, behind unaccent."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH DICTIONARY portal_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION portal (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION portal
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
    WITH unaccent, portal_stem;
"""
UNDO = "DROP TEXT SEARCH CONFIGURATION portal; DROP TEXT SEARCH DICTIONARY portal_stem;"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURATION, UNDO),
    ]
