"""Facts of this app that others may listen to."""

from django.dispatch import Signal

# Sent inside the transaction that writes an agreed action, with: action, entry (its card in the index), by.
agreed = Signal()
