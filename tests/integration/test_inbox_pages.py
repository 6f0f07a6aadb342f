"""The inbox's pages and tags as the server makes them: what is done without scripts, too."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.test import Client, RequestFactory

from realtime import inbox, preferences
from realtime.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", password="pw")


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def page(browser: Client, address: str = "/inbox/") -> str:
    return browser.get(address).content.decode()


def titles(html: str) -> list[str]:
    return re.findall(r"<h2>(?:<span.*?</span> )*(?:<a[^>]*>)?([^<]*)", html)


@pytest.mark.parametrize("address", ["/inbox/", "/inbox/preferences/"])
def test_who_is_not_signed_in_is_led_to_the_door(client: Client, address: str) -> None:
    assert client.get(address).headers["Location"] == f"/login/?next={address}"


def test_a_notification_is_on_the_page_as_text_and_in_its_state(
    alice: User, browser: Client
) -> None:
    inbox.notify(alice, "<img src=x>", body="a\nb", link="/jobs/", severity="error")

    html = page(browser)

    assert '<a href="/jobs/">&lt;img src=x&gt;</a>' in html
    assert "<img" not in html
    state = re.search(r'id="bellwire-page"[^>]*>(.*?)</script>', html)
    assert state is not None
    assert json.loads(state[1])["inbox"]["counts"] == {"unseen": 1, "unread": 1}


def test_a_page_says_the_severity_before_the_title(alice: User, browser: Client) -> None:
    inbox.notify(alice, "Report is done", severity="success")
    inbox.notify(alice, "Lunch is ready")

    plain, good = re.findall(r"<h2>(.*?)</h2>", page(browser))

    unread = '<span class="unseen">Unread:</span> '
    assert plain == f"{unread}Lunch is ready"
    assert good == f'{unread}<span class="success">Success:</span> Report is done'


def test_nobody_sees_what_another_was_told(browser: Client) -> None:
    inbox.notify(User.objects.create_user("bob"), "Secret")

    assert "Secret" not in page(browser)


@pytest.mark.parametrize(
    ("as_", "show", "is_there"),
    [
        pytest.param("read", "unread", False, id="what is read is not unread"),
        pytest.param("read", "inbox", True, id="what is read stays in the inbox"),
        pytest.param("archived", "inbox", False, id="what is archived leaves the inbox"),
        pytest.param("archived", "archived", True, id="what is archived is kept"),
    ],
)
def test_one_is_marked_by_its_form(
    alice: User, browser: Client, as_: str, show: str, is_there: bool
) -> None:
    id_ = inbox.notify(alice, "Report is done")

    answer = browser.post("/inbox/mark/", {"as": as_, "id": str(id_), "show": show})

    back = answer.headers["Location"]
    assert back == ("/inbox/" if show == "inbox" else f"/inbox/?show={show}")
    assert titles(page(browser, back)) == (["Report is done"] if is_there else [])


def test_all_are_marked_by_one_form(alice: User, browser: Client) -> None:
    for title in ("One", "Two"):
        inbox.notify(alice, title)

    browser.post("/inbox/mark/", {"as": "read", "all": "1"})

    assert inbox.counts(alice.pk) == {"unseen": 0, "unread": 0}


def test_another_persons_notification_cannot_be_marked(browser: Client) -> None:
    bob = User.objects.create_user("bob")
    id_ = inbox.notify(bob, "Hello")

    browser.post("/inbox/mark/", {"as": "archived", "id": str(id_)})

    assert inbox.counts(bob.pk) == {"unseen": 1, "unread": 1}


@pytest.mark.parametrize(
    ("address", "form"),
    [
        pytest.param("mark", {"as": "shredded", "all": "1"}, id="no such mark"),
        pytest.param("mark", {"as": "read", "id": "7"}, id="no id"),
        pytest.param(
            "mark", {"as": "read", "id": [str(n) * 32 for n in range(10)] * 11}, id="too many"
        ),
        pytest.param("preferences", {"unmute": "job:\0"}, id="a key that cannot be"),
        pytest.param("preferences", {"mute": "job:\0"}, id="one to mute that cannot be"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(
    browser: Client, address: str, form: dict[str, object]
) -> None:
    assert browser.post(f"/inbox/{address}/", form).status_code == 400


def test_marking_needs_the_token(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert strict.post("/inbox/mark/", {"as": "read", "all": "1"}).status_code == 403


def test_older_ones_are_on_pages_of_their_own(alice: User, browser: Client) -> None:
    for n in range(31):
        inbox.notify(alice, f"Number {n}.")

    older = re.search(r'href="(\?show=inbox&amp;before=[^"]+)"', page(browser))

    assert older is not None
    address = "/inbox/" + older[1].replace("&amp;", "&")
    assert titles(page(browser, address)) == ["Number 0."]


def test_a_page_after_one_that_is_gone_is_the_first(alice: User, browser: Client) -> None:
    id_ = inbox.notify(alice, "Hello")
    Notification.objects.all().delete()
    inbox.notify(alice, "Here")

    assert titles(page(browser, f"/inbox/?before={id_}")) == ["Here"]


def test_what_one_wants_is_chosen_by_boxes(alice: User, browser: Client) -> None:
    kinds = {kind["kind"] for kind in preferences.shown(alice.pk)["kinds"]}

    answer = browser.post("/inbox/preferences/", {"in_app": sorted(kinds - {"message"})})

    assert answer.headers["Location"] == "/inbox/preferences/?saved"
    assert inbox.notify(alice, "Hello", kind="message") is None
    assert 'role="status">Saved.' in page(browser, answer.headers["Location"])


def test_kinds_are_listed_by_what_they_are_called(browser: Client) -> None:
    names = re.findall(r'<th scope="row">(.*?)</th>', page(browser, "/inbox/preferences/"))
    listed = re.findall(r'<option value="\w+">(.*?)</option>', page(browser, "/"))

    for shown in (names, listed):
        assert len(shown) > 2
        assert shown == sorted(shown, key=str.casefold)


def test_what_has_a_key_is_muted_from_its_card_without_scripts(
    alice: User, browser: Client
) -> None:
    inbox.notify(alice, "Lunch is ready")
    inbox.notify(alice, "Report is done", key="job:7")
    (button,) = re.findall('<button name="mute" value="(.*?)" formaction="(.*?)"', page(browser))
    assert button == ("job:7", "/inbox/preferences/")

    answer = browser.post(button[1], {"mute": button[0], "id": "of the card", "show": "inbox"})

    muted = page(browser, answer.headers["Location"])
    assert 'aria-label="Unmute Report is done"' in muted
    assert inbox.notify(alice, "Report is done", key="job:7") is None


def test_what_is_muted_is_listed_and_unmuted(alice: User, browser: Client) -> None:
    inbox.notify(alice, "Report is done", key="job:7")
    preferences.mute(alice.pk, "job:7")
    assert 'aria-label="Unmute Report is done"' in page(browser, "/inbox/preferences/")

    browser.post("/inbox/preferences/", {"unmute": "job:7"})

    assert preferences.shown(alice.pk)["mutes"] == []


def tag(source: str, user: object) -> str:
    request = RequestFactory().get("/")
    request.user = user  # type: ignore[assignment]  # anybody who asks
    return Template("{% load bellwire %}" + source).render(Context({"request": request}))


def test_the_bell_is_a_link_that_says_how_many_are_new(alice: User) -> None:
    inbox.notify(alice, "Hello")

    assert tag('{% notification_bell page="/inbox/" %}', alice) == (
        '<notification-bell page="/inbox/" preferences="" unseen="1">'
        '<a href="/inbox/">Notifications, 1 new</a></notification-bell>'
    )


def test_the_inbox_tag_lists_what_there_is(alice: User) -> None:
    inbox.notify(alice, "A & B", link="/jobs/", severity="error")
    inbox.mark(alice, "read", [inbox.notify(alice, "Read")])
    Notification.objects.filter(title="A & B").update(at=datetime(2026, 10, 1, 9, 5, tzinfo=UTC))
    Notification.objects.filter(title="Read").update(at=datetime(2026, 10, 2, 9, 5, tzinfo=UTC))

    assert tag("{% notification_inbox %}", alice) == (
        '<notification-inbox show="inbox"><ul>'
        '<li>Read <time datetime="2026-10-02T09:05:00.000Z">Oct. 2, 2026, 9:05 a.m.</time></li>'
        '<li>Unread: Error: <a href="/jobs/">A &amp; B</a> '
        '<time datetime="2026-10-01T09:05:00.000Z">Oct. 1, 2026, 9:05 a.m.</time></li>'
        "</ul></notification-inbox>"
    )


@pytest.mark.parametrize(
    ("show", "said"),
    [
        ("inbox", "Nothing here yet."),
        ("unread", "You have read everything."),
        ("archived", "Nothing is archived."),
    ],
)
def test_an_empty_inbox_says_so(alice: User, browser: Client, show: str, said: str) -> None:
    assert tag(f'{{% notification_inbox "{show}" %}}', alice) == (
        f'<notification-inbox show="{show}"><p>{said}</p></notification-inbox>'
    )
    assert f'<p class="empty">{said}</p>' in page(browser, f"/inbox/?show={show}")


@pytest.mark.parametrize("source", ["{% notification_bell %}", "{% notification_inbox %}"])
def test_strangers_get_neither(source: str) -> None:
    assert tag(source, AnonymousUser()) == ""
