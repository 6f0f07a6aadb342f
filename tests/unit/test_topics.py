from __future__ import annotations

from uuid import UUID

import pytest
from channels.layers import BaseChannelLayer  # noqa: TID251 (its rule for names, no layer)

from realtime.errors import InvalidTopic
from realtime.topics import SITE, Topic


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        pytest.param(Topic.of_user(42), "user:42", id="a person by number"),
        pytest.param(
            Topic.of_user(UUID(int=7)),
            "user:00000000-0000-0000-0000-000000000007",
            id="a person by UUID",
        ),
        pytest.param(
            Topic.of_job(UUID(int=8)), "job:00000000-0000-0000-0000-000000000008", id="a job"
        ),
        pytest.param(SITE, "site:all", id="everybody"),
    ],
)
def test_a_topic_is_read_back_from_its_name(topic, name):
    assert str(topic) == name
    assert Topic.parse(name) == topic


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("user", id="no key"),
        pytest.param("user:", id="an empty key"),
        pytest.param(":42", id="no kind"),
        pytest.param("user:42\n", id="a newline at the end"),
        pytest.param("user:4 2", id="a space"),
        pytest.param("user:42:43", id="two colons"),
        pytest.param("user:*", id="a wildcard"),
        pytest.param("user.42", id="a group's name"),
        pytest.param("User:42", id="upper case"),
        pytest.param("user:é", id="not ASCII"),
        pytest.param("user:٤٢", id="digits of another script"),
        pytest.param('user:"', id="a quote that would break the JSON"),
        pytest.param("user:" + "4" * 61, id="too long a key"),
        pytest.param("u" * 21 + ":1", id="too long a kind"),
        pytest.param("user:\ud800", id="half a surrogate"),
        pytest.param("user:\x00", id="NUL"),
    ],
)
def test_anything_else_is_no_topic(name):
    with pytest.raises(InvalidTopic):
        Topic.parse(name)


def test_a_primary_key_that_fits_no_name_is_refused_where_the_topic_is_made():
    with pytest.raises(InvalidTopic):
        Topic.of_user("alice@example.com")


def test_the_longest_topic_fits_channels_group_names_and_the_column():
    longest = Topic.parse(f"{'k' * 20}:{'x' * 60}")

    BaseChannelLayer().require_valid_group_name(longest.group)
    assert len(str(longest)) <= 90


def test_two_topics_never_share_a_group():
    names = ["user:1", "job:1", "user:1-1", "user:11", "site:all"]

    assert len({Topic.parse(name).group for name in names}) == len(names)
