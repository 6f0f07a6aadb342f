"""What ends a session tells so: an event of the user's own stream, written with its cause.

Being an event it cannot be overtaken: a lost hint is a gap, and a gap is read before anything
later is delivered. Django announces the end of a session's row and the saving of a user; what
it does not announce (``QuerySet.update``, another program) is found by the roll call.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

import msgspec
from django.apps import apps
from django.contrib.auth import SESSION_KEY, get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.utils import timezone

from realtime import accounts, departure
from realtime.effects import Identity
from realtime.protocol import FORCE_DISCONNECT, FORCE_RECONNECT
from realtime.publish import publish
from realtime.topics import Topic

SIGNED_OUT, PASSWORD_CHANGED = "signed_out", "password_changed"
DEACTIVATED, DELETED = "deactivated", "deleted"
#: What a user may sign in by.
_FIELDS = ("password", "is_active")
_UID = "realtime.revocation"


class SessionEnd(msgspec.Struct, frozen=True):
    """What ended: the session of this fingerprint, or all of the user's; and why."""

    type: str
    session: str = ""
    reason: str = ""


class _Publication(msgspec.Struct):
    data: SessionEnd


class _Push(msgspec.Struct):
    pub: _Publication


class _Pushed(msgspec.Struct):
    push: _Push


_read = msgspec.json.Decoder(_Pushed).decode


def fingerprint(session_key: str) -> str:
    """Name a session without giving it away: every tab of its user sees the name."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def end_sessions(user_id: object, reason: str, session_key: str = "") -> None:
    """Tell a user's sockets that a session is over, or all of them where no key is given."""
    with transaction.atomic():
        publish(
            Topic.of_user(user_id),
            "session.ended",
            session=fingerprint(session_key) if session_key else "",
            reason=reason,
        )


def concerns(payload: bytes, who: Identity) -> tuple[int, str] | None:
    """Say with which close code this event ends a connection; None if it is not meant."""
    try:
        end = _read(payload).push.pub.data
    except msgspec.MsgspecError:
        return None  # another event, which quotes the words
    if end.type != "session.ended":
        return None
    if end.reason in (DEACTIVATED, DELETED):
        return FORCE_DISCONNECT
    # A token says nothing of sessions, and a tab with a newer cookie comes straight back.
    is_meant = who.session_key and end.session in ("", fingerprint(who.session_key))
    return FORCE_RECONNECT if is_meant else None


def connect() -> None:
    """Listen to what ends sessions; called once, when the apps are ready."""
    for user in _kinds_of(get_user_model()):
        pre_save.connect(_remember, user, dispatch_uid=_UID)
        post_save.connect(_compare, user, dispatch_uid=_UID)
        if user._meta.concrete_model is get_user_model():  # a child's row goes with its parent's
            pre_delete.connect(departure.begin, user, dispatch_uid=_UID)
            post_delete.connect(_user_deleted, user, dispatch_uid=_UID)
    # Signing out, a new key at signing in, and a new password all delete the old row.
    for session in _kinds_of(accounts.session_model()):
        post_delete.connect(_session_deleted, session, dispatch_uid=_UID)


def _kinds_of(model: Any) -> list[Any]:
    """Find a model's proxies and children: their signals do not reach its receivers."""
    return [each for each in apps.get_models() if model is not None and issubclass(each, model)]


def _session_deleted(instance: Any, **_: Any) -> None:
    if instance.expire_date <= timezone.now():
        return  # ``clearsessions`` ends nothing that was not over
    user_id = instance.get_decoded().get(SESSION_KEY)
    with suppress(ValidationError):  # of another user model, before it was changed
        if user_id:
            key = get_user_model()._meta.pk.to_python(user_id)
            end_sessions(key, SIGNED_OUT, instance.session_key)


def _remember(instance: Any, using: str, update_fields: Any = None, **_: Any) -> None:
    """Read what is stored of the fields that are about to be written."""
    instance._realtime_before = {}
    present = {field.name for field in type(instance)._meta.concrete_fields}
    names = [n for n in _FIELDS if n in present and (update_fields is None or n in update_fields)]
    if names and not instance._state.adding:
        stored = type(instance)._base_manager.using(using).filter(pk=instance.pk)
        instance._realtime_before = stored.values(*names).first() or {}


def _compare(instance: Any, **_: Any) -> None:
    before = instance.__dict__.pop("_realtime_before", {})
    if before.get("is_active") and not instance.is_active:
        end_sessions(instance.pk, DEACTIVATED)
    elif "password" in before and before["password"] != instance.password:
        end_sessions(instance.pk, PASSWORD_CHANGED)


def _user_deleted(instance: Any, **_: Any) -> None:
    end_sessions(instance.pk, DELETED)
