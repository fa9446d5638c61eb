from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0003_remind_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='said',
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
