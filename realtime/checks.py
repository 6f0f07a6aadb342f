"""What Django should complain of before anything starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from realtime.conf import limits

_LAYER = "realtime.layer.RedisLayer"


@register("realtime")
def check_limits(**_: Any) -> list[CheckMessage]:
    """``settings.REALTIME`` holds only names that exist."""
    try:
        limits()
    except TypeError as error:
        return [Error(str(error), hint="See realtime/conf.py.", id="realtime.E001")]
    return []


@register("realtime")
def check_layer(**_: Any) -> list[CheckMessage]:
    """The default channel layer is ours, on the one Redis server that publish writes to."""
    layer: dict[str, Any] = settings.CHANNEL_LAYERS.get("default", {})
    if layer.get("BACKEND") != _LAYER:
        return [Error("The hub cannot hear this channel layer.", hint=_LAYER, id="realtime.E002")]
    if layer.get("CONFIG", {}).get("hosts") != [settings.REDIS_URL]:
        hint = 'Set CONFIG["hosts"] to [REDIS_URL].'
        return [Error("Layer and publisher use different servers.", hint=hint, id="realtime.E003")]
    return []


@register("realtime")
def check_sessions(**_: Any) -> list[CheckMessage]:
    """A socket's session is asked for on the server; a cookie that holds it cannot be ended."""
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.signed_cookies":
        hint = "Use the db or cached_db engine."
        return [Error("Sessions in cookies cannot be revoked.", hint=hint, id="realtime.E004")]
    return []
