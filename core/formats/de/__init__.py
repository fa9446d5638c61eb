"""Dates in German: 1. Okt. 2026."""
