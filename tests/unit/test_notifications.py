"""What a notification may say, and where its links may lead."""

from __future__ import annotations

import pytest

from realtime.errors import InvalidNotification
from realtime.notifications import Content, check_key, check_link


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("/", id="the front page"),
        pytest.param("/jobs/7/?tab=log&x=%20#end", id="a path with a query"),
        pytest.param("/a//b", id="two slashes further on"),
        pytest.param("https://example.org/a?b=c#d", id="another site"),
        pytest.param("http://127.0.0.1:8000/", id="an address with a port"),
        pytest.param("http://[::1]:8000/", id="an IPv6 address"),
        pytest.param("HTTPS://EXAMPLE.ORG", id="capitals"),
        pytest.param("/" + "a" * 299, id="as long as may be"),
    ],
)
def test_a_link_may_lead_into_this_site_or_to_a_page_of_the_web(link):
    check_link(link)
    Content("Title", link=link, actions=[{"label": "Open", "link": link}])


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("JaVaScRiPt:alert(1)", id="a script in capitals"),
        pytest.param(" javascript:alert(1)", id="a script after a space"),
        pytest.param("java\tscript:alert(1)", id="a script with a tab"),
        pytest.param("data:text/html,<script>", id="data"),
        pytest.param("vbscript:x", id="another script"),
        pytest.param("mailto:a@example.org", id="mail"),
        pytest.param("ftp://example.org/", id="a file server"),
        pytest.param("//example.org/", id="another site by two slashes"),
        pytest.param("/\\example.org/", id="another site by a backslash"),
        pytest.param("\\\\example.org", id="another site by backslashes"),
        pytest.param("/\t/example.org", id="another site by a tab"),
        pytest.param("/\n/example.org", id="another site by a line end"),
        pytest.param("https://me:secret@example.org/", id="a password"),
        pytest.param("https://example.org@evil.org/", id="a user that looks like a host"),
        pytest.param("https:///path", id="no host"),
        pytest.param("https:example.org", id="no slashes"),
        pytest.param("https://exämple.org/", id="a host that is not ASCII"),
        pytest.param("/jobs/ü", id="a path that is not ASCII"),
        pytest.param("/jobs/7\n", id="a line end at the end"),
        pytest.param('/"onclick="x', id="a quote"),
        pytest.param("/<b>", id="a tag"),
        pytest.param("jobs/7", id="a relative path"),
        pytest.param("?a=b", id="a query alone"),
        pytest.param("/" + "a" * 300, id="too long"),
        pytest.param(7, id="no text"),
        pytest.param(None, id="nothing"),
    ],
)
def test_a_link_may_lead_nowhere_else(link):
    with pytest.raises(InvalidNotification, match="link"):
        Content("Title", link=link)
    with pytest.raises(InvalidNotification, match="link"):
        Content("Title", actions=[{"label": "Open", "link": link}])


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param({"title": ""}, "title is empty", id="no title"),
        pytest.param({"title": " \u3000"}, "title is empty", id="a blank title"),
        pytest.param({"title": "t" * 201}, "title has at most 200", id="a long title"),
        pytest.param({"title": "a\nb"}, "title has a control", id="two lines of title"),
        pytest.param({"title": "a\x00"}, "title has a control", id="NUL"),
        pytest.param({"title": "a\ud800"}, "title has a control", id="half a character"),
        pytest.param({"title": "a\u2028b"}, "title has a control", id="Unicode's line end"),
        pytest.param({"title": b"bytes"}, "title is a text", id="bytes"),
        pytest.param({"body": "b" * 1001}, "body has at most 1,000", id="a long body"),
        pytest.param({"body": "a\x1b[1m"}, "body has a control", id="a terminal's colours"),
        pytest.param({"kind": ""}, "kind is empty", id="no kind"),
        pytest.param({"kind": "k" * 61}, "kind has at most 60", id="a long kind"),
        pytest.param({"group": "g" * 101}, "group has at most 100", id="a long group"),
        pytest.param({"key": "k" * 101}, "key has at most 100", id="a long key"),
        pytest.param({"key": 7}, "key is a text", id="a key that is a number"),
        pytest.param({"severity": "fatal"}, "severity is one of info", id="another severity"),
        pytest.param({"severity": None}, "severity is one of info", id="no severity"),
        pytest.param({"actions": "abc"}, "label and a link", id="actions that are a text"),
        pytest.param({"actions": 7}, "at most 3 actions", id="actions that are a number"),
        pytest.param({"actions": [7]}, "label and a link", id="an action that is a number"),
        pytest.param({"actions": [{"label": "a"}]}, "label and a link", id="half an action"),
        pytest.param(
            {"actions": [{"label": "a", "link": "/", "method": "POST"}]},
            "label and a link",
            id="an action with more",
        ),
        pytest.param(
            {"actions": [{"label": "l" * 41, "link": "/"}]},
            "label has at most 40",
            id="a long label",
        ),
        pytest.param(
            {"actions": [{"label": "a", "link": "/"}] * 4}, "at most 3 actions", id="four actions"
        ),
    ],
)
def test_what_it_cannot_say_is_named(said, problem):
    with pytest.raises(InvalidNotification, match=problem):
        Content(**{"title": "Title", **said})


def test_a_body_may_have_lines_and_tabs_and_any_writing():
    Content("Zoë 🔔 \u202eright to left", body="one\ntwo\tthree 漢字")


@pytest.mark.parametrize("key", ["", " ", "k" * 101, "a\nb", None], ids=repr)
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(InvalidNotification, match="key"):
        check_key(key)
