"""Runs of long ago are forgotten; what they did stands in the ledger."""

from datetime import timedelta

from django.utils import timezone

from core.models import BulkRow, BulkRun
from core.tasks import forget_old


def test_runs_are_kept_for_thirty_days(author):
    old, new = (BulkRun.objects.create(listing="documents", action="watch", asked_by=author) for _number in range(2))
    old.rows.create(position=1, object_id=1)
    BulkRun.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=31))
    forget_old()
    assert list(BulkRun.objects.all()) == [new]
    assert not BulkRow.objects.exists()
