"""The people of the tests, and the browsers in which they are signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


def sign_in(user: User, **options: bool) -> Client:
    """Give a browser in which this person is signed in; options are those of ``Client``."""
    client = Client(**options)
    client.force_login(user)
    return client


def staff(*permissions: str) -> Client:
    """Give the browser of one of the staff, who may do this and no more."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return sign_in(user)


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob")


@pytest.fixture
def clerk(db):
    """One of the staff, with no permissions beyond that."""
    return User.objects.create_user("clerk", is_staff=True)


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root")


@pytest.fixture
def tab(alice):
    """Alice's browser."""
    return sign_in(alice)


@pytest.fixture
def staff_tab(clerk):
    return sign_in(clerk)


@pytest.fixture
def office(root):
    """The browser of who may do everything."""
    return sign_in(root)
