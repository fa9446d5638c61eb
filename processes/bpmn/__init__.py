"""BPMN 2.0 without Django: read, draw, tell as text, compare, count and lay out.

`reading` turns bytes into the values of `model`; everything else takes those values. Nothing here knows a database,
a request or a language: words are English sentences that a caller may translate.
"""
