"""What people want to be told, and by which ways: in the app, by e-mail.

Code declares its kinds of notifications (``register``), with what holds for who says nothing, and
whoever can send by a way says so (``register_way``). A person chooses per kind, and mutes keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from realtime.errors import TooManyMutes, UnknownNoticeKind
from realtime.models import Mute, Notification, Preference
from realtime.notifications import MESSAGE, check_key

#: The ways that a person can choose among. In the app is the inbox itself.
IN_APP, EMAIL = "in_app", "email"
#: How many keys one person may mute.
MAX_MUTES = 500

#: Takes a notification as ``inbox_rows.describe`` gives it, and its person's key. Called inside
#: the transaction that tells of it: it records what is to be sent, and sends nothing itself.
Send = Callable[[dict[str, Any], Any], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notification as its code declares it."""

    name: Any = ""  #: as people read it: a text, or a lazy translation
    in_app: bool = True
    email: bool = False


_UNKNOWN = Kind()
_kinds: dict[str, Kind] = {MESSAGE: Kind(gettext_lazy("Messages"))}
_sends: dict[str, Send] = {}


def register(kind: str, name: Any, *, in_app: bool = True, email: bool = False) -> None:
    """Let people choose how they are told of this kind, beginning with these ways."""
    _kinds[kind] = Kind(name, in_app, email)


def register_way(way: str, send: Send) -> None:
    """Have ``send`` called for whoever wants a notification by this way, ``"email"``.

    It is given the notification as JSON and the person's key, inside the transaction. A way that
    nobody can choose is a ValueError: it would need a column of Preference.
    """
    if way != EMAIL:
        raise ValueError(f"{way!r} is no way that a person can choose.")
    _sends[way] = send


def ways(user_id: Any, kind: str, key: str) -> frozenset[str]:
    """Give the ways by which this person wants to be told of that, of those there are."""
    if key and Mute.objects.filter(user_id=user_id, key=key).exists():
        return frozenset()
    chosen = Preference.objects.filter(user_id=user_id, kind=kind).first()
    wanted = chosen or _kinds.get(kind, _UNKNOWN)
    by_mail = {EMAIL} if wanted.email and EMAIL in _sends else set()
    return frozenset({IN_APP} | by_mail if wanted.in_app else by_mail)


def send(way: str, notification: dict[str, Any], user_id: Any) -> None:
    """Have a notification sent by a way other than the inbox."""
    _sends[way](notification, user_id)


def shown(user_id: Any) -> dict[str, Any]:
    """Give what a person can choose, and has: ``{"kinds": […], "mutes": […]}``."""
    chosen = {row.kind: row for row in Preference.objects.filter(user_id=user_id)}
    return {
        "kinds": [
            {
                "kind": kind,
                "name": str(declared.name),
                "in_app": now.in_app,
                "email": now.email,
            }
            for kind, declared in sorted(_kinds.items(), key=_by_name)
            for now in [chosen.get(kind, declared)]
        ],
        "mutes": [
            {"key": mute.key, "title": mute.title}
            for mute in Mute.objects.filter(user_id=user_id).order_by("pk")
        ],
    }


def choose(user_id: Any, kind: str, *, in_app: bool, email: bool) -> None:
    """Keep how a person wants to be told of a kind; UnknownNoticeKind if there is none."""
    if kind not in _kinds:
        raise UnknownNoticeKind
    Preference.objects.update_or_create(
        user_id=user_id, kind=kind, defaults={"in_app": in_app, "email": email}
    )


def mute(user_id: Any, key: str) -> None:
    """Tell a person no more of what this key names; what they were told stays.

    InvalidNotification if it is no key, TooManyMutes if they have muted 500 already.
    """
    check_key(key)
    mutes = Mute.objects.filter(user_id=user_id)
    if mutes.count() >= MAX_MUTES and not mutes.filter(key=key).exists():
        raise TooManyMutes
    rows = Notification.objects.filter(user_id=user_id, key=key)
    title = rows.values_list("title", flat=True).first() or ""
    Mute.objects.get_or_create(user_id=user_id, key=key, defaults={"title": title})


def unmute(user_id: Any, key: str) -> None:
    """Tell a person of this key again; InvalidNotification if it is no key."""
    check_key(key)
    Mute.objects.filter(user_id=user_id, key=key).delete()


def _by_name(kind_and_declared: tuple[str, Kind]) -> str:
    return str(kind_and_declared[1].name).casefold()
