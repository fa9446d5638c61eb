from django.db import models


class Procedure(models.Model):
    """Carries the permissions of the procedure kinds; the documents themselves live in ``documents``."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("write_procedure", "Write policies, SOPs, work instructions and forms")]

    def __str__(self) -> str:
        return "procedure"
