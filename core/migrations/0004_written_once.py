"""The ledger, its seals and the numbers in use are written once."""

from django.db import migrations

from core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]
    operations = [
        append_only("core_ledgerline"),
        append_only("core_ledgerseal"),
        append_only("core_takennumber"),
    ]
