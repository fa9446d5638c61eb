from actions.models.action import Action
from actions.models.task import Task

__all__ = ["Action", "Task"]
