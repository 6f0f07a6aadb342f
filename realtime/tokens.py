"""Bearer tokens: JSON Web Tokens (RFC 7519) that say who is connecting, until when."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import jwt
from django.conf import settings

from realtime.errors import Disconnect, TokenExpired

AUDIENCE = "bellwire"
LIFETIME_SECONDS = 3600
MAX_CHARACTERS = 4096
_ALGORITHM = "HS256"
_REQUIRED = ["sub", "exp", "iat", "aud"]


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says: a person's key as text, and when it ends (Unix seconds)."""

    user_id: str
    expires_at: int


def make(user_id: object, lifetime_seconds: int = LIFETIME_SECONDS) -> str:
    """Make a token for a person, for the socket and for ``Authorization: Bearer``."""
    now = int(time.time())
    claims = {"sub": str(user_id), "aud": AUDIENCE, "iat": now, "exp": now + lifetime_seconds}
    return jwt.encode(claims, _key(), algorithm=_ALGORITHM)


def read(token: str) -> Token:
    """Read a token; one whose time is over is TokenExpired, a wrong one Disconnect(3500)."""
    if len(token) > MAX_CHARACTERS:
        raise _invalid()
    try:
        claims = jwt.decode(
            token,
            _key(),
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            # A clock that is a second ahead elsewhere must not make a new token invalid.
            options={"require": _REQUIRED, "verify_iat": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenExpired from error
    # The header is parsed before the signature is checked: "[[[[…" and "\ud800" get here.
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise _invalid() from error
    return Token(user_id=claims["sub"], expires_at=int(claims["exp"]))


def _invalid() -> Disconnect:
    return Disconnect(3500, "invalid token")


def _key() -> bytes:
    # Derived, so that a token is never valid as anything else that the secret signs.
    return hashlib.sha256(b"realtime.tokens:" + settings.SECRET_KEY.encode()).digest()
