"""What Django should complain of before anything starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from realtime import accounts
from realtime.conf import limits
from realtime.layer import RedisLayer

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
    if not _is_ours(layer.get("BACKEND", "")):
        return [Error("The hub cannot hear this channel layer.", hint=_LAYER, id="realtime.E002")]
    if layer.get("CONFIG", {}).get("hosts") != [settings.REDIS_URL]:
        hint = 'Set CONFIG["hosts"] to [REDIS_URL].'
        return [Error("Layer and publisher use different servers.", hint=hint, id="realtime.E003")]
    return []


def _is_ours(backend: str) -> bool:
    try:
        return issubclass(import_string(backend), RedisLayer)
    except ImportError:
        return False


@register("realtime")
def check_sessions(**_: Any) -> list[CheckMessage]:
    """Sessions are rows: they can be asked for a thousand at once, and tell of their end."""
    if accounts.session_model() is None:
        hint = "Use the db or cached_db engine, or one that is derived from them."
        message = "Sessions of this engine cannot be asked for, or do not tell of their end."
        return [Error(message, hint=hint, id="realtime.E004")]
    return []


@register("realtime")
def check_origins(**_: Any) -> list[CheckMessage]:
    """An origin is compared as a whole; a pattern would be compared as it is spelt."""
    patterns = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" in origin]
    if patterns:
        message = f"Sockets are refused from pages of {', '.join(patterns)}."
        hint = "Spell the origins out in CSRF_TRUSTED_ORIGINS."
        return [Warning(message, hint=hint, id="realtime.W005")]
    return []
