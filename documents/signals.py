"""What documents tell the floors above, besides ``core.lifecycle.moved``."""

from django.dispatch import Signal

# Sent in the transaction, with: route. Who decides next, or that nobody does any more, is different now.
route_changed = Signal()

# Sent by the sweep, once, with: version. It is in force from now on.
took_effect = Signal()
