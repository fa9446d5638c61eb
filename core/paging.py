"""Pages of very long lists: nobody turns five thousand rows, so nobody waits for all of them to be counted."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

COUNTED = 5_000  # as the search does


class BoundedPaginator(Paginator):
    """Counts to 5,000 and says that there are more; further rows are reached by filters, not by paging.

    ``to_count`` are other records of the same number that are quicker to count.
    """

    def __init__(self, object_list: QuerySet, per_page: int, *, to_count: QuerySet | None = None) -> None:
        super().__init__(object_list, per_page)
        self.to_count = object_list if to_count is None else to_count

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @cached_property
    def _counted(self) -> int:
        return self.to_count.order_by().values("pk")[: COUNTED + 1].count()

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > COUNTED
