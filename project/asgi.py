"""The ASGI application: HTTP goes to Django, a WebSocket past the origin check to realtime."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
_django = get_asgi_application()

from realtime.origins import OriginCheck  # noqa: E402 (apps must be loaded first)
from realtime.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {"http": _django, "websocket": OriginCheck(URLRouter(websocket_urlpatterns))}
)
