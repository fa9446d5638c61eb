from django.db import models


class Counter(models.Model):
    """The last number given out for one prefix."""

    prefix = models.CharField(max_length=60, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"


class TakenNumber(models.Model):
    """A code that was given to a record once. Rows are never removed, so no code is given out twice."""

    code = models.CharField(max_length=80, primary_key=True)
    taken_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code
