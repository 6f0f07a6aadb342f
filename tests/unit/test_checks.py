from __future__ import annotations

import pytest

from realtime import checks

_ENGINES = "django.contrib.sessions.backends."


@pytest.mark.parametrize(
    ("engine", "ids"),
    [
        pytest.param("db", [], id="rows"),
        pytest.param("cached_db", [], id="rows behind a cache"),
        pytest.param("cache", ["realtime.E004"], id="a cache alone"),
        pytest.param("file", ["realtime.E004"], id="files"),
        pytest.param("signed_cookies", ["realtime.E004"], id="cookies"),
    ],
)
def test_sessions_that_cannot_be_asked_for_are_refused(settings, engine, ids):
    settings.SESSION_ENGINE = _ENGINES + engine

    assert [message.id for message in checks.check_sessions()] == ids


@pytest.mark.parametrize(
    ("backend", "ids"),
    [
        pytest.param("realtime.layer.RedisLayer", [], id="ours"),
        pytest.param("tests.unit.test_checks.Derived", [], id="derived from ours"),
        pytest.param("channels.layers.InMemoryChannelLayer", ["realtime.E002"], id="in memory"),
        pytest.param("nowhere.Layer", ["realtime.E002"], id="none at all"),
    ],
)
def test_the_hub_hears_only_our_layer(settings, backend, ids):
    config = {"hosts": [settings.REDIS_URL]}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": config}}

    assert [message.id for message in checks.check_layer()] == ids


def test_a_layer_on_another_server_than_the_publisher_s_is_refused(settings):
    config = {"hosts": ["redis://elsewhere"]}
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "realtime.layer.RedisLayer", "CONFIG": config}
    }

    assert [message.id for message in checks.check_layer()] == ["realtime.E003"]


def test_a_bound_that_does_not_exist_is_refused(settings):
    settings.REALTIME = {"max_subscription": 2}

    assert [message.id for message in checks.check_limits()] == ["realtime.E001"]


@pytest.mark.parametrize(
    ("origins", "ids"),
    [
        pytest.param(["https://app.example.org"], [], id="spelt out"),
        pytest.param(["https://*.example.org"], ["realtime.W005"], id="a pattern"),
    ],
)
def test_a_pattern_of_origins_is_warned_of(settings, origins, ids):
    settings.CSRF_TRUSTED_ORIGINS = origins

    assert [message.id for message in checks.check_origins()] == ids


class Derived(checks.RedisLayer):
    """Somebody's own layer."""
