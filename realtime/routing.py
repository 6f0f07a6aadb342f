"""Where sockets are opened."""

from __future__ import annotations

from django.urls import path

from realtime.consumers import NotificationConsumer

websocket_urlpatterns = [path("connection/websocket", NotificationConsumer.as_asgi())]
