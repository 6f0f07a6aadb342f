"""Reading a session and its user, for a thousand handshakes a second.

The ORM compiles a query anew for each call, which costs more than all else that a handshake
needs. For Django's own database sessions and model backend the statements are made once; any
other session engine or authentication backend is asked through its own methods.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

_SESSION = "SELECT session_data FROM {} WHERE session_key = %s AND expire_date > %s"
#: The user, and whether the session still stands: as of one moment.
_USER = (
    "SELECT u.*, EXISTS (SELECT 1 FROM {} WHERE session_key = %s AND expire_date > %s) FROM ({}) u"
)
_STANDING = "SELECT session_key FROM {} WHERE session_key IN ({}) AND expire_date > %s"
#: What signing in is decided by; anything else that a user model asks of itself is deferred.
_FIELDS = ("password", "is_active")


def session_of(key: str) -> dict[str, Any]:
    """Read a session's content; empty when there is none or it has expired."""
    store = _store()
    if not _is_plain(store):
        return dict(store(key).items())
    rows = _fetch(_SESSION.format(_table(store)), [key, _now()])
    content: dict[str, Any] = store().decode(rows[0][0]) if rows else {}
    return content


def user_in_session(backend_path: str, user_id: str, session_key: str) -> Any:
    """Find the user of a session that still stands, as the session's backend does.

    None if there is no such user, if they may not sign in, or if the session is gone.
    """
    backend, store = load_backend(backend_path), _store()
    if type(backend) is not ModelBackend or not _has_rows(store):
        user = backend.get_user(user_id)
        return user if user is not None and standing([session_key]) else None
    query, key = _user_query(), get_user_model()._meta.pk
    parameters = [*query.parameters]
    parameters[query.place] = key.get_db_prep_value(key.to_python(user_id), connection)
    rows = _fetch(_USER.format(_table(store), query.sql), [session_key, _now(), *parameters])
    if not rows or not rows[0][-1]:
        return None
    user = query.load(rows[0][:-1])
    return user if backend.user_can_authenticate(user) else None


def standing(session_keys: Sequence[str]) -> set[str]:
    """Tell which of these sessions still stand, in one query with Django's own engines."""
    store = _store()
    if not _has_rows(store):
        return {key for key in session_keys if store(key).items()}
    if not session_keys:
        return set()
    marks = ", ".join(["%s"] * len(session_keys))
    rows = _fetch(_STANDING.format(_table(store), marks), [*session_keys, _now()])
    return {key for (key,) in rows}


def users(user_ids: Collection[str]) -> dict[str, Any]:
    """Read users who may sign in, by their keys as text, in one query."""
    found = get_user_model()._default_manager.filter(pk__in=user_ids)
    return {str(user.pk): user for user in found if getattr(user, "is_active", True)}


def is_active(user_id: str) -> bool:
    """Tell whether there is such a user, who may sign in."""
    try:
        return bool(users([user_id]))
    except (ValueError, ValidationError):  # no key of this user model at all
        return False


def session_model() -> Any:
    """Give the model that sessions are kept in; None with an engine that keeps no rows."""
    store = _store()
    return store.get_model_class() if _has_rows(store) else None


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _is_plain(store: Any) -> bool:
    return store is SessionStore


def _has_rows(store: Any) -> bool:
    return hasattr(store, "get_model_class")


def _table(store: Any) -> str:
    return connection.ops.quote_name(store.get_model_class()._meta.db_table)


def _now() -> Any:
    return connection.ops.adapt_datetimefield_value(timezone.now())


@dataclass(frozen=True, slots=True)
class _UserQuery:
    """A compiled SELECT of one user; ``place`` is where its parameters name the user."""

    sql: str
    parameters: tuple[Any, ...]
    place: int
    names: tuple[str, ...]
    converters: dict[int, Any]

    def load(self, row: tuple[Any, ...]) -> Any:
        """Make the user from a row, as the ORM does."""
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return get_user_model().from_db(connection.alias, self.names, values)


@cache
def _user_query() -> _UserQuery:
    """Compile what the model's own manager asks, twice: the key is what differs."""
    (sql, one), (_, other) = _compiled("1"), _compiled("2")
    compiler = _users("1").query.get_compiler(connection=connection)
    compiler.setup_query()
    columns = [column for column, _, _ in compiler.select]
    return _UserQuery(
        sql,
        tuple(one),
        next(place for place, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1),
        tuple(column.target.attname for column in columns),
        compiler.get_converters(columns),
    )


def _compiled(digit: str) -> tuple[str, tuple[Any, ...]]:
    sql, parameters = _users(digit).query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)


def _users(digit: str) -> Any:
    model = get_user_model()
    key = model._meta.pk
    # "1" is a number and a text; a UUID wants its 32 digits.
    text = digit if key.get_internal_type() != "UUIDField" else digit * 32
    present = {field.name for field in model._meta.concrete_fields}
    wanted = [name for name in _FIELDS if name in present]
    return model._default_manager.filter(pk=key.to_python(text)).only("pk", *wanted)


def _fetch(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
