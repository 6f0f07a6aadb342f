from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from realtime import log
from realtime.errors import NoTransaction
from realtime.history import MAX_REPLAY_BYTES, MAX_REPLAY_EVENTS
from realtime.models import Event, Stream
from tests.delivery import undone

ALICE, BOB = "user:1", "user:2"


def append(topic: str, count: int = 1, data: str = "{}") -> list[int]:
    with transaction.atomic():
        return [entry.offset for entry in log.append_many([(topic, data)] * count)]


@pytest.mark.django_db(transaction=True)
def test_an_event_is_appended_inside_a_transaction_or_not_at_all():
    with pytest.raises(NoTransaction):
        log.append_many([(ALICE, "{}")])

    assert not Stream.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_hole():
    append(ALICE, 2)
    with undone(transaction.atomic()):
        log.append_many([(ALICE, "{}")])

    assert append(ALICE) == [3]


@pytest.mark.django_db
class TestAppending:
    def test_entries_come_sorted_by_topic_and_in_order_within_one(self):
        entries = log.append_many([(BOB, "1"), (ALICE, "2"), (BOB, "3"), (ALICE, "4")])

        assert [(e.topic, e.offset, e.data) for e in entries] == [
            (ALICE, 1, "2"),
            (ALICE, 2, "4"),
            (BOB, 1, "1"),
            (BOB, 2, "3"),
        ]

    def test_a_topics_entries_share_its_epoch_and_each_topic_has_its_own(self):
        entries = log.append_many([(ALICE, "{}"), (BOB, "{}"), (ALICE, "{}")])

        assert [entry.epoch for entry in entries] == [
            log.read(entry.topic).epoch for entry in entries
        ]
        assert len({entry.epoch for entry in entries}) == 2

    def test_nothing_is_no_event(self):
        assert log.append_many([]) == []


@pytest.mark.django_db
class TestReading:
    @pytest.fixture(autouse=True)
    def seven_events(self):
        log.append_many((ALICE, f'{{"n":{n}}}') for n in range(1, 8))
        self.epoch = log.read(ALICE).epoch

    @pytest.mark.parametrize(
        ("after", "offsets", "recovered"),
        [
            pytest.param(0, [1, 2, 3, 4, 5, 6, 7], True, id="from the beginning"),
            pytest.param(5, [6, 7], True, id="from the middle"),
            pytest.param(7, [], True, id="nothing was missed"),
            pytest.param(8, [], False, id="ahead of the head"),
            pytest.param(2**63 - 1, [], False, id="the largest offset"),
            pytest.param(2**63, [], False, id="beyond 64 bits"),
            pytest.param(None, [], False, id="only the position"),
        ],
    )
    def test_a_position_is_answered_with_all_that_was_missed_or_no(self, after, offsets, recovered):
        page = log.read(ALICE, self.epoch, after)

        assert (page.epoch, page.head) == (self.epoch, 7)
        assert [offset for offset, _ in page.events] == offsets
        assert page.recovered is recovered

    def test_a_negative_offset_is_not_recovered(self):
        assert not log.read(ALICE, self.epoch, -1).recovered

    @pytest.mark.parametrize(
        ("epoch", "recovered"),
        [
            pytest.param("", True, id="any epoch"),
            pytest.param("elsewhere", False, id="a foreign epoch"),
            pytest.param("\x00", False, id="NUL"),
        ],
    )
    def test_a_position_is_good_in_its_own_history_only(self, epoch, recovered):
        page = log.read(ALICE, epoch, 5)

        assert page.recovered is recovered
        assert len(page.events) == (2 if recovered else 0)

    def test_a_limit_gives_the_first_of_what_was_missed(self):
        page = log.read(ALICE, self.epoch, 2, limit=3)

        assert [offset for offset, _ in page.events] == [3, 4, 5]
        assert not page.recovered

    def test_the_data_comes_back_as_it_was(self):
        text = '{"name":"Zoë 🔔","quote":"\\"","n":9007199254740993}'
        log.append_many([(ALICE, text)])

        assert log.read(ALICE, after=7).events == [(8, text)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "size", "recovered"),
    [
        pytest.param(MAX_REPLAY_EVENTS, 2, True, id="as many as are replayed"),
        pytest.param(MAX_REPLAY_EVENTS + 1, 2, False, id="one more"),
        pytest.param(64, MAX_REPLAY_BYTES // 64, True, id="as much as is replayed"),
        pytest.param(64, MAX_REPLAY_BYTES // 64 + 1, False, id="a little more"),
    ],
)
def test_a_replay_is_bounded(count, size, recovered):
    log.append_many([(ALICE, "x" * size)] * count)

    page = log.read(ALICE, after=0)

    assert page.recovered is recovered
    assert len(page.events) <= MAX_REPLAY_EVENTS


@pytest.mark.django_db
def test_a_topic_that_nobody_has_written_to_has_a_position():
    page = log.read(ALICE, after=0)

    assert (page.head, page.recovered) == (0, True)
    assert log.position(ALICE) == (page.epoch, 0)
    assert not log.read(ALICE, after=1).recovered


@pytest.mark.django_db
def test_the_heads_of_many_topics_are_read_in_one_query(django_assert_num_queries):
    log.append_many([(ALICE, "{}"), (ALICE, "{}"), (BOB, "{}")])

    with django_assert_num_queries(1):
        heads = log.heads([ALICE, BOB, "user:3"])

    assert {topic: head for topic, (_, head) in heads.items()} == {ALICE: 2, BOB: 1}
    assert log.heads([]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keep_events", "old", "floor"),
    [
        pytest.param(10, 0, 0, id="nothing to forget"),
        pytest.param(3, 0, 4, id="too many"),
        pytest.param(10, 5, 5, id="too old"),
        pytest.param(3, 2, 4, id="too many, some of them too old"),
        pytest.param(3, 6, 6, id="too old, some of them too many"),
        pytest.param(10, 7, 7, id="all too old"),
        pytest.param(0, 0, 7, id="none is kept"),
    ],
)
def test_forgetting_moves_the_floor(keep_events, old, floor):
    log.append_many([(ALICE, "{}")] * 7)
    log.append_many([(BOB, "{}")])
    Event.objects.filter(stream__topic=ALICE, offset__lte=old).update(
        created_at=timezone.now() - timedelta(days=8)
    )

    log.prune(keep_events, timedelta(days=7))

    page = log.read(ALICE, after=floor)
    assert (page.head, page.floor, page.recovered) == (7, floor, True)
    assert [offset for offset, _ in page.events] == list(range(floor + 1, 8))
    assert not log.read(ALICE, after=floor - 1).recovered
    assert Event.objects.filter(stream__topic=ALICE).count() == 7 - floor


@pytest.mark.django_db
def test_offsets_go_on_after_everything_was_forgotten():
    log.append_many([(ALICE, "{}")] * 3)
    log.prune(0, timedelta(days=7))

    assert append(ALICE) == [4]
    assert log.read(ALICE, after=3).recovered
    assert not log.read(ALICE, after=2).recovered


@pytest.mark.django_db
def test_a_new_epoch_makes_every_position_foreign_and_keeps_counting():
    log.append_many([(ALICE, "{}"), (BOB, "{}")])
    before = log.heads([ALICE, BOB])

    assert log.bump_epoch() == 2

    for topic, (epoch, head) in before.items():
        page = log.read(topic, epoch, head)
        assert not page.recovered
        assert page.epoch != epoch
    assert append(ALICE) == [2]
