"""What a job's function says, before it is written: taken, cleaned, bounded, counted."""

from __future__ import annotations

import logging
import threading

import pytest

from tasks import output
from tasks.handler import JobHandler, listening
from tasks.output import CUT, Line, Output, fitted


@pytest.fixture
def said():
    return Output(clock=lambda: 7.0)


def texts(lines):
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("one", ["one"], id="one line"),
        pytest.param("", [""], id="nothing"),
        pytest.param("one\ntwo\r\nthree\n", ["one", "two", "three"], id="several lines"),
        pytest.param("10 %\r20 %", ["10 %", "20 %"], id="a terminal's progress"),
        pytest.param("a\tb", ["a\tb"], id="a tab"),
        pytest.param("a\0b\x07\x08c\x7f\x9b", ["abc"], id="control characters"),
        pytest.param("\x1b[1;31mred\x1b[0m", ["red"], id="colours"),
        pytest.param("\x1b]0;owned\x07title", ["title"], id="a terminal's title"),
        pytest.param("\x1b[\x1b]\x1b", ["[]"], id="sequences that do not end"),
        pytest.param("bad \ud800 half", ["bad ? half"], id="a lone surrogate"),
        pytest.param("Żółw 🐢 \N{NO-BREAK SPACE}", ["Żółw 🐢 \N{NO-BREAK SPACE}"], id="any script"),
        pytest.param("<script>alert(1)</script>", ["<script>alert(1)</script>"], id="a script"),
        pytest.param("x" * 2_000, ["x" * 2_000], id="2,000 characters"),
        pytest.param("x" * 2_001, ["x" * 1_999 + "…"], id="one more"),
    ],
)
def test_a_text_becomes_lines_that_nothing_acts_on(said, text, lines):
    said.add("info", text)

    assert said.take() == [Line(7.0, "info", line) for line in lines]


def test_what_is_taken_is_taken_once(said):
    said.add("step", "Read")
    assert len(said) == 1

    assert texts(said.take()) == ["Read"]
    assert (len(said), said.take()) == (0, [])


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        pytest.param(["x"] * 2_000, [], id="as many as there is room for"),
        pytest.param(["x"] * 2_001, ["… 1 line was too many at once"], id="one more"),
        pytest.param(["x\n" * 3_500], ["… 1,500 lines were too many at once"], id="in one call"),
        pytest.param(["x\n" * 500_000], ["… 129,072 lines were too many at once"], id="far more"),
    ],
)
def test_what_finds_no_room_is_counted_and_told_at_its_place(said, calls, told):
    for call in calls:
        said.add("info", call)

    taken = said.take()
    said.add("info", "later")

    assert texts(taken[2_000:]) == told
    assert texts(said.take()) == ["later"]


def test_several_threads_lose_nothing(said):
    def add():
        for _ in range(400):
            said.add("info", "x")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken = []
    while any(thread.is_alive() for thread in threads):
        taken += said.take()

    assert len(taken + said.take()) == 1_600


def test_one_that_is_closed_keeps_nothing(said):
    said.is_closed = True
    said.add("info", "x")

    assert said.take() == []


@pytest.mark.parametrize(
    ("n", "size", "kept"),
    [
        pytest.param(0, 0, ["aa", "bb", "cc"], id="there is room"),
        pytest.param(9_997, 0, ["aa", "bb", "cc"], id="just enough lines"),
        pytest.param(9_998, 0, ["aa", "bb", CUT], id="a line too many"),
        pytest.param(10_000, 0, [CUT], id="no line more"),
        pytest.param(0, (1 << 20) - 6, ["aa", "bb", "cc"], id="just enough bytes"),
        pytest.param(0, (1 << 20) - 5, ["aa", "bb", CUT], id="a byte too many"),
        pytest.param(0, 1 << 20, [CUT], id="no byte more"),
    ],
)
def test_a_job_keeps_so_much_and_says_where_the_rest_was_cut(n, size, kept):
    lines = [Line(1.0, "info", text) for text in ("aa", "bb", "cc")]

    fit = fitted(lines, n, size)

    assert [line.level if line.level == CUT else line.text for line in fit] == kept


def test_bytes_are_counted_as_they_are_stored():
    turtles = [Line(1.0, "info", "🐢")] * 3

    assert len(fitted(turtles, 0, output.MAX_BYTES - 12)) == 3
    assert fitted(turtles, 0, output.MAX_BYTES - 11)[-1].level == CUT


@pytest.fixture
def logger():
    logger = logging.getLogger("tests.of.job.output")
    handler = JobHandler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (25, "info"),
        (logging.WARNING, "warning"),
        (logging.ERROR, "error"),
        (logging.CRITICAL, "error"),
    ],
)
def test_what_is_logged_while_a_job_runs_is_heard(logger, said, number, level):
    with listening(said):
        logger.log(number, "read %s", "a.csv")
    logger.error("after its end")

    assert said.take() == [Line(7.0, level, "read a.csv")]


def test_a_traceback_is_not_for_the_owner_unless_a_formatter_says_so(logger, said):
    def fail():
        try:
            raise OSError("a secret path")
        except OSError:
            logger.exception("It failed.")

    with listening(said):
        fail()
        plain = texts(said.take())
        logger.handlers[0].setFormatter(logging.Formatter("%(message)s"))
        fail()

    assert plain == ["It failed."]
    assert texts(said.take())[-1] == "OSError: a secret path"


class Talkative:
    def __str__(self):
        logging.getLogger("tests.of.job.output").info("I am %s", self)
        return "talkative"


def test_what_an_argument_logs_while_it_is_spelt_out_does_not_come_back_to_it(
    logger, said, monkeypatch
):
    # Python's own handlers would recurse here; this one must not be what makes them.
    monkeypatch.setattr(logger, "propagate", False)
    with listening(said):
        logger.info("%s", Talkative())

    assert texts(said.take()) == ["talkative"]


def test_a_record_that_cannot_be_spelt_out_ends_no_job(logger, said, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(logger, "propagate", False)
    with listening(said):
        logger.info("%d", "x")

    assert said.take() == []
