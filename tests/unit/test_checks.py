from __future__ import annotations

import pytest
from django.core.asgi import get_asgi_application
from django.db import connection

from realtime import checks

DJANGOS_OWN = get_asgi_application()

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


@pytest.mark.parametrize(
    ("config", "ids"),
    [
        pytest.param({}, [], id="nothing said"),
        pytest.param({"capacity": 9}, [], id="something else said"),
        pytest.param({"hosts": ["redis://elsewhere"]}, ["realtime.E003"], id="another server"),
        pytest.param({"prefix": "other"}, ["realtime.E003"], id="another prefix"),
    ],
)
def test_a_layer_that_does_not_hear_the_publisher_is_refused(settings, config, ids):
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "realtime.layer.RedisLayer", "CONFIG": config}
    }

    assert [message.id for message in checks.check_layer()] == ids


def test_no_layer_at_all_is_complained_of(settings):
    del settings.CHANNEL_LAYERS

    assert [message.id for message in checks.check_layer()] == ["realtime.E002"]


def test_a_setting_of_another_type_is_refused(settings):
    settings.REDIS_PREFIX = 7

    (error,) = checks.check_types()

    assert (error.id, error.msg) == ("realtime.E006", "REDIS_PREFIX is 7; it takes str.")


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        pytest.param("project.asgi.application", [], id="with sockets"),
        pytest.param(f"{__name__}.DJANGOS_OWN", ["realtime.E007"], id="as startproject makes it"),
        pytest.param("nowhere.application", ["realtime.E007"], id="misspelt"),
        pytest.param("", ["realtime.E007"], id="not said"),
    ],
)
def test_an_application_without_sockets_is_refused(settings, path, ids):
    settings.ASGI_APPLICATION = path

    assert [message.id for message in checks.check_application()] == ids


@pytest.mark.parametrize(
    ("debug", "app", "ids"),
    [
        pytest.param(True, "django.core", ["realtime.W008"], id="Django's"),
        pytest.param(True, "daphne", [], id="Daphne's"),
        pytest.param(False, "django.core", [], id="in production"),
    ],
)
def test_a_runserver_without_sockets_is_warned_of(settings, monkeypatch, debug, app, ids):
    settings.DEBUG = debug
    monkeypatch.setattr(checks, "get_commands", lambda: {"runserver": app})

    assert [message.id for message in checks.check_runserver()] == ids


def test_throwing_away_what_scripts_import_is_refused(settings):
    settings.WHITENOISE_KEEP_ONLY_HASHED_FILES = True

    assert [message.id for message in checks.check_static_names()] == ["realtime.E009"]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        pytest.param({}, ["realtime.W010"], id="Django's default"),
        pytest.param({"transaction_mode": "IMMEDIATE"}, [], id="immediate"),
    ],
)
def test_a_sqlite_that_will_be_locked_is_warned_of(monkeypatch, options, ids):
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    assert [message.id for message in checks.check_sqlite()] == ids


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
