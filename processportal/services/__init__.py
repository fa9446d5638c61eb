"""Embedded PostgreSQL and Valkey for machines that have neither.

`start()` makes both answer and holds a shared lock; the last process to let go stops them. Nothing here runs when
DATABASE_URL and REDIS_URL point at real servers, and importing this package starts nothing.
"""

from processportal.services.lease import Lease, start
from processportal.services.places import Place, ServiceError, locate

__all__ = ["Lease", "Place", "ServiceError", "locate", "start"]
