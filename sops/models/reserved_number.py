from django.db import models


class ReservedNumber(models.Model):
    """A number given out for a source whose document is not written yet: an import that was killed in between finds it
    again when the source comes the next time."""

    code = models.CharField(max_length=80, primary_key=True)
    source_key = models.CharField(max_length=200, db_index=True)

    def __str__(self) -> str:
        return f"{self.code} for {self.source_key}"
