"""Facts of this app that others may listen to."""

from django.dispatch import Signal

# Sent inside the transaction that changed what is agreed on a finding, with: finding (as saved).
follow_up = Signal()

# Sent inside the transaction that plans an audit, with: audit, by.
planned = Signal()

# Sent inside the transaction that writes a finding down, with: finding, by.
written = Signal()
