"""The ASGI application of a site: Django's, and sockets and streams beside it.

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
    """Set Django up; send HTTP to it, and to realtime who waits for events.

    Sockets of the site's own may be given; of them, too, only the Origin is checked here.
    """
    django = asgi.get_asgi_application()
    # Only now are the apps loaded, which these modules need.
    ours = import_string("realtime.routing.websocket_urlpatterns")
    events_first = import_string("realtime.http_events.EventsFirst")
    sockets = URLRouter([*ours, *websocket_urlpatterns])
    return ProtocolTypeRouter({"http": events_first(django), "websocket": OriginCheck(sockets)})
