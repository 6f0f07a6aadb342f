"""What Django should complain of before anything starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.handlers.asgi import ASGIHandler
from django.core.management import get_commands
from django.db import connection
from django.utils.module_loading import import_string

from realtime import accounts
from realtime.conf import conf, limits, mistakes
from realtime.layer import RedisLayer

_LAYER = 'CHANNEL_LAYERS = {"default": {"BACKEND": "realtime.layer.RedisLayer"}}'
_DJANGOS_OWN = ("django.core", "django.contrib.staticfiles")


@register("realtime")
def check_limits(**_: Any) -> list[CheckMessage]:
    """``settings.REALTIME`` holds only names that exist."""
    try:
        limits()
    except TypeError as error:
        return [Error(str(error), hint="See realtime/conf.py.", id="realtime.E001")]
    return []


@register("realtime")
def check_types(**_: Any) -> list[CheckMessage]:
    """Settings are of the types that are expected."""
    hint = "See realtime/conf.py."
    return [Error(mistake, hint=hint, id="realtime.E006") for mistake in mistakes(conf)]


@register("realtime")
def check_layer(**_: Any) -> list[CheckMessage]:
    """The default channel layer is ours, on the one Redis server that publish writes to."""
    layer: dict[str, Any] = conf.CHANNEL_LAYERS.get("default", {})
    if not _is_ours(layer.get("BACKEND", "")):
        return [Error("The hub cannot hear this channel layer.", hint=_LAYER, id="realtime.E002")]
    ours = {"hosts": [conf.REDIS_URL], "prefix": conf.REDIS_PREFIX}
    if not ours.items() >= {k: v for k, v in layer.get("CONFIG", {}).items() if k in ours}.items():
        hint = "Leave hosts and prefix out of CONFIG: they are REDIS_URL and REDIS_PREFIX."
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


@register("realtime")
def check_application(**_: Any) -> list[CheckMessage]:
    """What is served takes sockets: Django's own application does not."""
    hint = "In asgi.py, import get_asgi_application from realtime.asgi; set ASGI_APPLICATION to it."
    try:
        application = import_string(conf.ASGI_APPLICATION)
    except ImportError as error:
        message = f"ASGI_APPLICATION leads nowhere: {error}."
        return [Error(message, hint=hint, id="realtime.E007")]
    if isinstance(application, ASGIHandler):
        message = "The ASGI application takes no WebSockets."
        return [Error(message, hint=hint, id="realtime.E007")]
    return []


@register("realtime")
def check_runserver(**_: Any) -> list[CheckMessage]:
    """While one develops, ``runserver`` serves sockets too."""
    if not settings.DEBUG or get_commands().get("runserver") not in _DJANGOS_OWN:
        return []
    hint = 'Put "daphne" at the top of INSTALLED_APPS.'
    return [Warning("Django's runserver serves no sockets.", hint=hint, id="realtime.W008")]


@register("realtime")
def check_static_names(**_: Any) -> list[CheckMessage]:
    """Scripts that import each other by name are still there by that name."""
    if not getattr(settings, "WHITENOISE_KEEP_ONLY_HASHED_FILES", False):
        return []
    message = "WhiteNoise throws the scripts away that others import."
    hint = "Leave WHITENOISE_KEEP_ONLY_HASHED_FILES out: these names have a digest already."
    return [Error(message, hint=hint, id="realtime.E009")]


@register("realtime")
def check_sqlite(**_: Any) -> list[CheckMessage]:
    """On SQLite a transaction that begins by reading may be refused the lock later on."""
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor != "sqlite" or options.get("transaction_mode") == "IMMEDIATE":
        return []
    hint = 'Set DATABASES["default"]["OPTIONS"] to {"transaction_mode": "IMMEDIATE"}.'
    message = "Server and worker will find the SQLite database locked."
    return [Warning(message, hint=hint, id="realtime.W010")]
