"""Members with UUID keys, who are never deactivated; sessions in a table of the site's own."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from tests.members.sessions import SessionStore


class Member(AbstractBaseUser):
    """A user; ``is_active`` is no field of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    objects = BaseUserManager()

    def __str__(self) -> str:
        return self.email


class Patron(Member):
    """A kind of member with a row of its own beside the member's."""

    gift = models.IntegerField(default=0)


class Friend(Member):
    """A member by another name."""

    class Meta:
        proxy = True


class Visit(AbstractBaseSession):
    """A session."""

    @classmethod
    def get_session_store_class(cls):
        return SessionStore
