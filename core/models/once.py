from django.conf import settings
from django.db import models


class FormToken(models.Model):
    """A form that was sent once: the same form sent again finds this row and changes nothing."""

    token = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    result_url = models.CharField(max_length=300, blank=True)
    used_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.token
