"""``{% load bellwire %}``: what a page needs in its head to be live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from realtime.assets import Assets, assets, url_of
from realtime.log import position
from realtime.topics import Topic
from realtime.translations import catalogue

register = template.Library()

#: Where the browser's client finds the server; the paths that PROTOCOL and API name.
_ENDPOINTS = {"api": "/api", "socket": "/connection/websocket"}


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
