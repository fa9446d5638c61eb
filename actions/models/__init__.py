from actions.models.task import Task

__all__ = ["Task"]
