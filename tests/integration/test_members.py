"""Users with UUID keys and no ``is_active``, and sessions in a table of the site's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

_STORY = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection
from realtime import accounts, auth, log, roll_call, tickets, tokens
from realtime.errors import Disconnect
from realtime.topics import Topic
from tests.members.models import Friend, Member, Patron
from tests.members.sessions import SessionStore

call_command("migrate", run_syncdb=True, verbosity=0)
told = {}


def sign_in(user):
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def identify(token="", key="", ticket=""):
    who = auth.claim(token, auth.Credential(key, ticket))
    auth.prove(who)
    return who


def tell(name, user, act):
    key, pk = sign_in(user), user.pk
    who = identify(key=key)
    assert who.user_id == str(pk)
    assert identify(ticket=tickets.make(key)) == who
    bearer = identify(token=tokens.make(pk))
    assert roll_call._judge({who, bearer}) == {}
    act(user, key)
    page = log.read(str(Topic.of_user(pk)), after=0)
    reasons = [json.loads(data)["reason"] for _, data in page.events]
    told[name] = [reasons, roll_call._judge({who}).get(who), roll_call._judge({bearer}).get(bearer)]


def change_password(user, key):
    user.set_password("new")
    user.save()


def change_nothing(user, key):
    user.save()


def pretend(user, key):
    user.set_password("not saved")
    user.save(update_fields=["email"])
    user.refresh_from_db()


for kind in (Member, Friend, Patron):
    for act in (change_nothing, pretend, change_password):
        tell(f"{kind.__name__} {act.__name__}", kind.objects.create(email=f"{kind} {act}"), act)
    tell(
        f"{kind.__name__} deleted", kind.objects.create(email=f"{kind} gone"),
        lambda user, key: user.delete(),
    )
tell("signed out", Member.objects.create(email="out"), lambda user, key: SessionStore(key).flush())
strange = SessionStore()
strange[SESSION_KEY] = "42"
strange.create()
strange.flush()
print(json.dumps(told))
"""

STAYS, RECONNECT, DISCONNECT = None, [3011, "force reconnect"], [3503, "force disconnect"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def site(tmp_path: Path, request: pytest.FixtureRequest):
    url = f"sqlite:///{tmp_path}/db.sqlite3"
    if request.param == "postgres":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.create("members")
    site = Installation(tmp_path, url, "unix:///nowhere.sock")
    site.env["DJANGO_SETTINGS_MODULE"] = "tests.members.settings"
    yield site
    site.stop()


def test_users_and_sessions_of_a_site_s_own_are_asked_and_told_of(site):
    told = json.loads(site.run(_STORY))

    assert told == {
        "signed out": [["signed_out"], RECONNECT, STAYS],
        **{
            f"{kind} {act}": ends
            for kind in ("Member", "Friend", "Patron")
            for act, ends in {
                "change_nothing": [[], STAYS, STAYS],
                "pretend": [[], STAYS, STAYS],
                "change_password": [["password_changed"], RECONNECT, STAYS],
                "deleted": [["deleted"], DISCONNECT, DISCONNECT],
            }.items()
        },
    }
