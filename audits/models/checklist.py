from django.db import models


class Checklist(models.Model):
    """No table: holds the permission to write checklists. What is written is a document with versions."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("write_checklist", "Write checklists")]

    def __str__(self) -> str:
        return "checklist"
