"""``{% load bellwire %}``: what a page needs in its head to be live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from realtime import inbox, moments
from realtime.assets import Assets, assets, url_of
from realtime.log import position
from realtime.models import Notification
from realtime.notifications import Severity
from realtime.topics import Topic
from realtime.translations import catalogue

register = template.Library()

#: Where the browser's client finds the server; the paths that PROTOCOL and API name.
_ENDPOINTS = {"api": "/api", "socket": "/connection/websocket"}
#: How many notifications a page shows of the inbox before any script runs.
INBOX_SHOWN = 30
#: What stands before a title: of what is only good to know, nothing.
_SEVERITIES: Mapping[str, Promise] = {
    Severity.SUCCESS: gettext_lazy("Success:"),
    Severity.WARNING: gettext_lazy("Warning:"),
    Severity.ERROR: gettext_lazy("Error:"),
}
#: What is said of a part of the inbox that has nothing; of what is no part, as of all of it.
_EMPTY: Mapping[str, Promise] = {
    "unread": gettext_lazy("You have read everything."),
    "archived": gettext_lazy("Nothing is archived."),
}


@register.simple_tag(takes_context=True)
def bellwire_head(context: Context, entry: str = "elements") -> SafeString:
    """Link a built entry's styles and, for somebody signed in, its script and the page's state.

    The state is ``{"positions": {topic: {"epoch", "offset"}}, …}``. A view that reads jobs for
    the page takes the position first (``page_state``) and gives both as ``bellwire`` in the
    context; otherwise the position is taken here, and what is read afterwards fits to it.
    Nothing of it is executed inline, so a strict Content-Security-Policy holds; where that goes
    by nonces (django-csp's, or Django's own with its context processor), each tag has it.
    """
    built = assets(entry)
    request, nonce = context.get("request"), _nonce(context)
    styles = _tags('<link rel="stylesheet" href="{}"{}>', built.styles, nonce)
    if request is None or not request.user.is_authenticated:
        return styles
    state = context.get("bellwire") or page_state(request.user)
    csrf = {"cookie": settings.CSRF_COOKIE_NAME, "token": get_token(request)}
    words = catalogue(get_language() or "en")
    page = json_script({**_ENDPOINTS, **state, "words": words, "csrf": csrf}, "bellwire-page")
    # json_script() escapes every "<" of its content: the first one is its own.
    page = SafeString(page.replace("<script", f"<script{nonce}", 1))
    return format_html("{}\n{}\n{}", styles, page, _scripts(built, nonce))


def page_state(user: Any, **state: Any) -> dict[str, Any]:
    """Take a person's position; what is read after this call may be added to the answer."""
    topic = str(Topic.of_user(user.pk))
    epoch, offset = position(topic)
    return {"positions": {topic: {"epoch": epoch, "offset": offset}}, **state}


@register.simple_tag(takes_context=True)
def notification_bell(context: Context, page: str = "", preferences: str = "") -> SafeString:
    """Show a bell with how many notifications the reader has not seen; it opens their inbox.

    ``page`` and ``preferences`` are the addresses of the whole inbox and of what one wants to be
    told. Without scripts the bell is a link to ``page``. Nothing for who is not signed in.
    """
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return SafeString("")
    unseen = inbox.counts(request.user.pk)["unseen"]
    said = ngettext("Notifications, %(n)s new", "Notifications, %(n)s new", unseen) % {"n": unseen}
    label = said if unseen else gettext("Notifications")
    inside = format_html('<a href="{}">{}</a>', page, label) if page else label
    element = '<notification-bell page="{}" preferences="{}" unseen="{}">{}</notification-bell>'
    return format_html(element, page, preferences, unseen, inside)


@register.simple_tag(takes_context=True)
def notification_inbox(context: Context, show: str = "inbox") -> SafeString:
    """Show the reader's inbox, or its part ``unread`` or ``archived``; without scripts, a list.

    Of each is said whether it is unread, its severity, its title and its time, in the site's zone.
    Nothing for who is not signed in.
    """
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return SafeString("")
    rows, _has_older = inbox.find(request.user, INBOX_SHOWN, show=show)
    items = format_html_join("", "<li>{} {}</li>", ((_said_in(row), _time_of(row)) for row in rows))
    inside = format_html("<ul>{}</ul>" if rows else "<p>{}</p>", items or empty_in_words(show))
    element = '<notification-inbox show="{}">{}</notification-inbox>'
    return format_html(element, show, inside)


@register.filter
def severity_in_words(severity: str) -> str:
    """Give what is said before the title of a notification, "" of the plainest."""
    return str(_SEVERITIES.get(severity, ""))


@register.filter
def empty_in_words(show: str) -> str:
    """Give what is said where a part of the inbox has nothing."""
    return str(_EMPTY.get(show, gettext("Nothing here yet.")))


def _said_in(row: Notification) -> SafeString:
    link = format_html('<a href="{}">{}</a>', row.link, row.title) if row.link else row.title
    unread = "" if row.read_at else gettext("Unread:")
    said = (unread, severity_in_words(row.severity), link)
    return format_html_join(" ", "{}", ((part,) for part in said if part))


def _time_of(row: Notification) -> SafeString:
    shown = date_format(localtime(row.at), "DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', moments.spell(row.at), shown)


def _scripts(built: Assets, nonce: SafeString) -> SafeString:
    if not built.script:
        return SafeString("")
    links = _tags('<link rel="modulepreload" href="{}"{}>', built.preloads, nonce)
    script = _tags('<script type="module" src="{}"{}></script>', [built.script], nonce)
    return format_html("{}\n{}", links, script)


def _tags(tag: str, names: Iterable[str], nonce: SafeString) -> SafeString:
    return format_html_join("\n", tag, ((url_of(name), nonce) for name in names))


def _nonce(context: Context) -> SafeString:
    nonce = context.get("csp_nonce", getattr(context.get("request"), "csp_nonce", None))
    # Not asked whether it is true: a lazy one is false until it is written, which makes it count.
    return SafeString("") if nonce is None else format_html(' nonce="{}"', nonce)
