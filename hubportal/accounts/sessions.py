"""Who asks, at every request: Django's sessions in the database, and the person of one, read with compiled queries."""

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter


class SessionStore(DatabaseSessionStore):
    """Django's, whose row is read at every request (settings.SESSION_ENGINE is this module)."""

    _find = CompiledQuery(
        lambda: Session.objects.filter(
            session_key=Parameter("key", Session, "pk"),
            expire_date__gt=Parameter("now", Session, "expire_date"),
        )
    )

    def _get_session_from_db(self) -> Session | None:
        session = self._find.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None
        return session


_find_user = CompiledQuery(lambda: User.objects.filter(pk=Parameter("pk", User), is_active=True))


class UserMiddleware(AuthenticationMiddleware):
    """Django's AuthenticationMiddleware, with a short way for a session that is as it should be."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: find_user(request))  # type: ignore[assignment]


def is_signed_in(session_key: str, user: User) -> bool:
    """Whether this session is still this person's: not signed out, expired, or of an older password."""
    session = SessionStore(session_key)
    if str(session.get(auth.SESSION_KEY, "")) != str(user.pk):
        return False
    return constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def find_user(request: HttpRequest) -> User | AnonymousUser:
    """The person whose session this is. Whatever is unusual about one (an old secret, say), Django decides."""
    session = request.session
    if session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS:
        user = _find_user.first(pk=session[auth.SESSION_KEY])
        if user and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return user
    return auth.get_user(request)
