"""``{% load bellwire %}``: what a page needs in its head to be live."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from realtime.assets import assets
from realtime.log import position
from realtime.topics import Topic

register = template.Library()

#: Where the browser's client finds the server; the paths that PROTOCOL and API name.
_ENDPOINTS = {"api": "/api", "socket": "/connection/websocket"}


@register.simple_tag(takes_context=True)
def bellwire_head(context: Context, entry: str = "elements") -> SafeString:
    """Link a built entry's styles and, for somebody signed in, its script and the page's state.

    The state is ``{"positions": {topic: {"epoch", "offset"}}, …}``. A view that reads jobs for
    the page takes the position first (``page_state``) and gives both as ``bellwire`` in the
    context; otherwise the position is taken here, and what is read afterwards fits to it.
    Nothing of it is executed inline, so a strict Content-Security-Policy holds.
    """
    built = assets(entry)
    styles = format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in built.styles)
    )
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return styles
    state = context.get("bellwire") or page_state(request.user)
    csrf = {"cookie": settings.CSRF_COOKIE_NAME, "token": get_token(request)}
    page = json_script({**_ENDPOINTS, **state, "csrf": csrf}, "bellwire-page")
    return format_html("{}\n{}\n{}", styles, page, _scripts(built.script, built.preloads))


def page_state(user: Any, **state: Any) -> dict[str, Any]:
    """Take a person's position; what is read after this call may be added to the answer."""
    topic = str(Topic.of_user(user.pk))
    epoch, offset = position(topic)
    return {"positions": {topic: {"epoch": epoch, "offset": offset}}, **state}


def _scripts(script: str, preloads: tuple[str, ...]) -> SafeString:
    if not script:
        return SafeString("")
    links = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in preloads)
    )
    return format_html('{}\n<script type="module" src="{}"></script>', links, static(script))
