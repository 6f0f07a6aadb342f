"""The ASGI application: HTTP goes to Django, a WebSocket past the origin check to realtime."""

from __future__ import annotations

import os

from realtime.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_asgi_application()
