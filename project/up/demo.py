"""The three people of the demonstration. Only ``manage.py up`` ever makes them."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

from project import env
from project.up import private_file

#: Two who start jobs, and one who is staff and may do everything in the admin.
NAMES = ("alice", "bob")
STAFF = "carol"


def ensure(kept_in: Path) -> str:
    """Make the three, and give their password: DEMO_PASSWORD, else one made and kept once.

    The file holds the password that was applied last, so that a new DEMO_PASSWORD is seen; a
    password's hash takes half a second to compare, so it is not read.
    """
    applied = kept_in.read_text(encoding="utf-8").strip() if kept_in.is_file() else ""
    password = env.secret("DEMO_PASSWORD", "") or applied or secrets.token_urlsafe(9)
    for name in (*NAMES, STAFF):
        rights = {"is_staff": name == STAFF, "is_superuser": name == STAFF}
        user, is_new = get_user_model().objects.get_or_create(username=name, defaults=rights)
        if is_new or password != applied:
            user.set_password(password)
            user.save()
    if password != applied:
        private_file.write(kept_in, f"{password}\n")
    return password
