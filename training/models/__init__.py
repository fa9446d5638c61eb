from training.models.reading import Reading
from training.models.rule import ReadingRule

__all__ = ["Reading", "ReadingRule"]
