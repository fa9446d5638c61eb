"""The id of the request being answered, for log lines, error pages and the ledger."""

from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
