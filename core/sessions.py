"""Sessions in the database, as Django keeps them; the row is asked for with each request, so the question is kept."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.questions import THE_PORTAL, Question, Slot

_BY_KEY = Question(lambda _: Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now")))


class SessionStore(DatabaseSessions):
    """A session that is read with few steps."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        found = _BY_KEY.first(THE_PORTAL, key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
