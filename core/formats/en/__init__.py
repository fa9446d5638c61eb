"""Dates in English as UI.md writes them: 1 Oct 2026."""
