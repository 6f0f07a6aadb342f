"""The ASGI application of a site: Django's, and sockets beside it.

In the site's ``asgi.py`` this takes the place of Django's own function of the same name.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core import asgi
from django.urls import URLPattern
from django.utils.module_loading import import_string

from realtime.origins import OriginCheck


def get_asgi_application(
    websocket_urlpatterns: Sequence[URLPattern] = (),
) -> ProtocolTypeRouter:
    """Set Django up; send HTTP to it, and WebSockets of the site's own pages to realtime.

    Sockets of the site's own may be given; of them, too, only the Origin is checked here.
    """
    django = asgi.get_asgi_application()
    # Only now are the apps loaded, which the consumer's module needs.
    ours = import_string("realtime.routing.websocket_urlpatterns")
    sockets = URLRouter([*ours, *websocket_urlpatterns])
    return ProtocolTypeRouter({"http": django, "websocket": OriginCheck(sockets)})
