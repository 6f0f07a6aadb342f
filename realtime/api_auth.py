"""Who calls the API: the bearer of a token, or a session that proves its CSRF token."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from realtime import tokens
from realtime.errors import RealtimeError

REFUSED = gettext_noop("Sign in, or send a valid token.")


class Bearer(HttpBearer):
    """``Authorization: Bearer <token>``; needs no CSRF token, since no browser adds it."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        # A wrong token ends it: a session must not be used beside it without CSRF.
        request.user = user = _bearer_of(token)
        return user


class Session(SessionAuth):
    """Django's session. Unsafe methods prove by ``X-CSRFToken`` that our page sent them."""

    def __call__(self, request: HttpRequest) -> Any:
        # First who, then CSRF: its check parses a whole multipart body, for strangers too.
        if not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise AuthorizationError(message=gettext("The CSRF token is missing or wrong."))
        return request.user


def _bearer_of(token: str) -> Any:
    users = get_user_model()._default_manager
    try:
        return users.get(pk=tokens.read(token).user_id, is_active=True)
    except (RealtimeError, users.model.DoesNotExist, ValueError, ValidationError) as error:
        raise AuthenticationError(message=REFUSED) from error
