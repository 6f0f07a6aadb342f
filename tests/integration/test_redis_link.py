from __future__ import annotations

import threading
import time
from signal import SIGCONT, SIGSTOP

import pytest

from realtime import redis
from realtime.redis import Link, RedisDown


@pytest.fixture
def link(own_redis_server):
    return Link(own_redis_server.url)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(redis, "OPEN_SECONDS", 0.1)


def delay(link):
    """Measure how long one command that fails keeps its caller."""
    began = time.monotonic()
    with pytest.raises(RedisDown):
        link.run(("PING",))
    return time.monotonic() - began


def test_commands_are_answered_in_their_order(link):
    assert link.run(("ECHO", "a"), ("ECHO", b"\x00\xff"), ("INCR", "n")) == [b"a", b"\x00\xff", 1]


def test_one_connection_is_kept(link):
    for _ in range(10):
        link.run(("PING",))

    [clients] = link.run(("CLIENT", "LIST"))
    assert clients.count(b"\n") == 1


def test_threads_take_turns_and_each_gets_its_own_answer(link):
    wrong = []

    def talk(name):
        for n in range(100):
            word = f"{name}{n}".encode()
            wrong.extend(reply for reply in link.run(("ECHO", word)) if reply != word)

    threads = [threading.Thread(target=talk, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_frozen_server_costs_one_short_timeout_then_nothing(link, own_redis_server):
    link.run(("PING",))
    own_redis_server.process.send_signal(SIGSTOP)

    first, rest = delay(link), [delay(link) for _ in range(100)]

    assert 0.1 < first < 0.5
    assert sum(rest) < 0.1
    assert link.is_open


def test_a_server_that_is_frozen_from_the_start_costs_no_more(own_redis_server):
    link = Link(own_redis_server.url.replace("db=0", "db=3"))
    own_redis_server.process.send_signal(SIGSTOP)

    assert delay(link) < 0.5


def test_a_dead_server_costs_nothing(link, own_redis_server):
    own_redis_server.stop()

    assert delay(link) < 0.2
    assert delay(link) < 0.01


def test_after_a_while_one_command_tries_again(link, own_redis_server, impatient):
    own_redis_server.process.send_signal(SIGSTOP)
    delay(link)
    own_redis_server.process.send_signal(SIGCONT)
    assert delay(link) < 0.1
    while link.is_open:
        pass

    assert link.run(("ECHO", "back")) == [b"back"]


def test_a_late_answer_is_never_taken_for_that_of_the_next_command(
    link, own_redis_server, impatient
):
    link.run(("PING",))
    own_redis_server.process.send_signal(SIGSTOP)
    with pytest.raises(RedisDown):
        link.run(("ECHO", "late"))
    own_redis_server.process.send_signal(SIGCONT)
    while link.is_open:
        pass

    assert link.run(("ECHO", "next")) == [b"next"]


def test_a_restart_while_idle_costs_no_command(link, own_redis_server):
    link.run(("PING",))
    own_redis_server.stop()
    own_redis_server.start()

    assert link.run(("ECHO", "again")) == [b"again"]


def test_a_connection_that_redis_closed_while_idle_is_replaced(link, own_redis_server):
    other = Link(own_redis_server.url)
    link.run(("PING",))
    other.run(("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))

    assert link.run(("ECHO", "again")) == [b"again"]


def test_a_password_and_a_database_are_said(link, own_redis_server):
    link.run(("CONFIG", "SET", "requirepass", "hush"))
    url = own_redis_server.url.replace("unix://", "unix://:hush@").replace("db=0", "db=3")

    inside = Link(url)
    inside.run(("SET", "here", 1))

    assert b"db3:keys=1" in inside.run(("INFO", "keyspace"))[0]


@pytest.mark.parametrize(
    "password", [pytest.param("", id="none"), pytest.param(":wrong@", id="a wrong one")]
)
def test_without_the_password_redis_counts_as_down(link, own_redis_server, password):
    link.run(("CONFIG", "SET", "requirepass", "hush"))
    outside = Link(own_redis_server.url.replace("unix://", f"unix://{password}"))

    with pytest.raises(RedisDown):
        outside.run(("SET", "here", 1))
    assert outside.is_open


FORK = """
import os
from realtime.redis import link, redis_command

def talk(name):
    for n in range(100):
        assert redis_command("ECHO", f"{name}{n}") == f"{name}{n}".encode()

talk("before")
link()._lock.acquire()
child = os.fork()
if child == 0:
    talk("child")
    os._exit(0)
link()._lock.release()
talk("parent")
print(os.waitpid(child, 0)[1])
talk("after")
"""


def test_a_forked_child_shares_neither_connection_nor_lock(on_sqlite):
    assert on_sqlite.run(FORK) == "0"
