"""The redline of two procedures by structure: typed blocks matched by step key and likeness, words compared inside.

``compare(before, after)`` takes two sanitised HTML texts and gives a ``Redline`` of plain values that can be stored as
JSON. Pure: no Django, no database. ``accepted`` and ``rejected`` read the two texts back from it, byte for byte.
"""

from sops.redline.compare import Redline, accepted, compare, rejected

__all__ = ["Redline", "accepted", "compare", "rejected"]
