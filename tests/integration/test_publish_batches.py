"""Several events in one batch, some of them written late, some taken back."""

from __future__ import annotations

from functools import partial

import msgpack
import pytest
from django.db import transaction

from realtime import log
from realtime.errors import NoTransaction
from realtime.publish import batch, publish, publish_late, savepoint
from realtime.topics import SITE
from tests.delivery import undone
from tests.integration.publications import ALICE, BOB, hints, kept

pytestmark = pytest.mark.django_db(transaction=True)


class TestBatch:
    def test_it_appends_at_its_end_sorted_by_topic_and_in_order_within_one(self, wire):
        with batch():
            for topic, n in [(BOB, 1), (SITE, 2), (ALICE, 3), (BOB, 4)]:
                publish(topic, "greeting", n=n)
            assert log.heads([str(ALICE), str(BOB), str(SITE)]) == {}

        assert hints(wire) == [("site:all", 2), ("user:1", 3), ("user:2", 1), ("user:2", 4)]

    def test_each_event_keeps_the_key_that_it_ends(self, wire):
        with batch():
            publish(BOB, "job.failed", n=1, ends="job-b")
            publish(ALICE, "greeting", n=2)
            publish(ALICE, "job.failed", n=3, ends="job-a")

        ends = [msgpack.unpackb(data).get("ends") for _, data in wire.heard()]
        assert ends == ["", "job-a", "job-b"]

    def test_an_exception_discards_it(self, wire):
        with undone(batch()):
            publish(ALICE, "greeting", n=1)

        with batch():
            publish(ALICE, "greeting", n=2)
        assert hints(wire) == [("user:1", 2)]
        assert kept(ALICE) == [2]

    def test_one_inside_another_is_a_part_of_it(self, wire):
        with batch():
            publish(BOB, "greeting", n=1)
            with batch():
                publish(ALICE, "greeting", n=2)
            with undone(batch()):
                publish(ALICE, "greeting", n=3)
            publish(ALICE, "greeting", n=4)
            assert log.heads([str(ALICE)]) == {}

        assert hints(wire) == [("user:1", 2), ("user:1", 4), ("user:2", 1)]

    def test_inside_a_transaction_it_is_told_with_that(self, wire):
        with transaction.atomic():
            with batch():
                publish(ALICE, "greeting", n=1)
            assert hints(wire) == []

        assert hints(wire) == [("user:1", 1)]


class TestSavepoint:
    @pytest.mark.parametrize("outer", [batch, transaction.atomic])
    def test_it_forgets_what_was_published_inside_if_it_raises(self, wire, outer):
        with outer():
            publish(ALICE, "greeting", n=1)
            with undone(savepoint()):
                publish(ALICE, "greeting", n=2)
            with savepoint():
                publish(ALICE, "greeting", n=3)

        assert hints(wire) == [("user:1", 1), ("user:1", 3)]
        assert kept(ALICE) == [1, 3]


class TestLate:
    def test_its_write_is_done_at_the_end_of_the_batch_and_in_its_place(self, wire):
        done = []

        def write():
            done.append(1)
            yield "greeting", {"n": 2}
            yield "greeting", {"n": 3}

        with batch():
            publish(ALICE, "greeting", n=1)
            publish_late(ALICE, write)
            publish(ALICE, "greeting", n=4)
            assert done == []

        assert hints(wire) == [("user:1", n) for n in (1, 2, 3, 4)]
        assert kept(ALICE) == [1, 2, 3, 4]

    def test_with_nothing_to_tell_it_takes_no_offset_and_says_nothing(self, wire, caplog):
        caplog.set_level("DEBUG")
        with batch():
            publish_late(ALICE, list)
        with batch():
            publish_late(ALICE, list)
            publish(BOB, "greeting", n=1)

        assert log.read(str(ALICE)).head == 0
        assert [topic for topic, _ in hints(wire)] == ["user:2"]
        ours = ("realtime", "django")
        assert [r.message for r in caplog.records if r.name.startswith(ours)] == []

    def test_all_streams_are_locked_in_order_before_any_write(self, wire, monkeypatch):
        steps, take = [], log._take

        def noted(topic, count):
            steps.append((topic, count))
            return take(topic, count)

        def write(name, *told):
            steps.append(name)
            return told

        monkeypatch.setattr(log, "_take", noted)
        with batch():
            publish_late(BOB, partial(write, "bob", ("greeting", {"n": 1})))
            publish(SITE, "greeting", n=2)
            publish_late(ALICE, partial(write, "alice"))

        locks = [("site:all", 0), ("user:1", 0), ("user:2", 0)]
        assert steps == [*locks, "alice", "bob", ("site:all", 1), ("user:2", 1)]

    def test_a_write_that_fails_takes_everything_back(self, wire):
        def write_and_fail():
            with batch():
                publish(ALICE, "greeting", n=1)
                publish_late(ALICE, lambda: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert hints(wire) == []
        assert kept(ALICE) == []

    def test_in_a_savepoint_that_is_rolled_back_nothing_is_written(self, wire):
        with batch():
            with undone(savepoint()):
                publish_late(ALICE, lambda: 1 / 0)
            publish(ALICE, "greeting", n=1)

        assert kept(ALICE) == [1]

    def test_outside_a_transaction_nothing_is_written(self, wire):
        with pytest.raises(NoTransaction):
            publish_late(ALICE, lambda: 1 / 0)
        with pytest.raises(NoTransaction):
            log.lock([str(ALICE)])

    def test_a_batch_without_one_makes_two_statements_for_each_topic(
        self, wire, django_assert_num_queries
    ):
        with batch():
            publish(ALICE, "greeting", n=1)

        with django_assert_num_queries(2 + 2), batch():  # the two of them are BEGIN and COMMIT
            publish(ALICE, "greeting", n=1)
            publish(ALICE, "greeting", n=2)
