"""Figures: what the portal takes, beside what it may take. `make bench` runs it."""
