from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_read_shared")]

    operations = [
        migrations.AddIndex(
            model_name="version",
            index=models.Index(
                KeyTextTransform("source_sha256", "data"),
                condition=models.Q(("data__has_key", "source_sha256")),
                name="version_by_source_hash",
            ),
        ),
    ]
