from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from project.up import demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_password_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


def test_both_can_log_in_with_a_password_that_is_made_once(tmp_path: Path) -> None:
    password = demo.ensure(tmp_path / "password")

    assert len(password) >= 12
    assert authenticate(username="alice", password=password)
    assert authenticate(username="bob", password=password)
    assert demo.ensure(tmp_path / "password") == password


def test_a_new_demo_password_is_applied_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.ensure(tmp_path / "password")
    monkeypatch.setenv("DEMO_PASSWORD", "wonderland")

    demo.ensure(tmp_path / "password")
    monkeypatch.delenv("DEMO_PASSWORD")

    assert demo.ensure(tmp_path / "password") == "wonderland"
    assert authenticate(username="alice", password="wonderland")


def test_they_may_not_enter_the_admin_site(tmp_path: Path) -> None:
    password = demo.ensure(tmp_path / "password")

    user = authenticate(username="alice", password=password)

    assert user is not None
    assert not user.is_staff
