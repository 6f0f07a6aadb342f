from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from project.up import demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_password_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


def test_all_three_can_log_in_with_a_password_that_is_made_once(tmp_path: Path) -> None:
    password = demo.ensure(tmp_path / "password")

    assert len(password) >= 12
    assert all(authenticate(username=name, password=password) for name in ("alice", "bob", "carol"))
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


@pytest.mark.parametrize(("name", "is_staff"), [("alice", False), ("bob", False), ("carol", True)])
def test_one_of_them_is_staff_and_enters_the_admin_site(
    tmp_path: Path, name: str, is_staff: bool
) -> None:
    password = demo.ensure(tmp_path / "password")

    user = authenticate(username=name, password=password)

    assert user is not None
    assert (user.is_staff, user.is_superuser) == (is_staff, is_staff)


def test_whoever_was_there_before_is_given_no_rights(tmp_path: Path) -> None:
    User.objects.create_user("carol")

    demo.ensure(tmp_path / "password")

    assert not User.objects.get(username="carol").is_superuser
