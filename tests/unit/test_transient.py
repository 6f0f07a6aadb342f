import sqlite3

import psycopg
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError

from tasks import transient
from tasks.transient import again, is_transient


def caused(error, cause):
    error.__cause__ = cause
    return error


def sqlite(code):
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = code
    return caused(OperationalError("database is locked"), cause)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        pytest.param(sqlite(sqlite3.SQLITE_BUSY), True, id="SQLite is busy"),
        pytest.param(sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), True, id="an extended form of busy"),
        pytest.param(sqlite(sqlite3.SQLITE_LOCKED), True, id="a table is locked"),
        pytest.param(sqlite(sqlite3.SQLITE_FULL), False, id="the disk is full"),
        pytest.param(
            caused(OperationalError(), psycopg.errors.DeadlockDetected()), True, id="deadlock"
        ),
        pytest.param(
            caused(OperationalError(), psycopg.errors.SerializationFailure()),
            True,
            id="serialization failure",
        ),
        pytest.param(
            caused(OperationalError(), psycopg.errors.LockNotAvailable()), True, id="lock timeout"
        ),
        pytest.param(
            caused(OperationalError(), psycopg.errors.AdminShutdown()), True, id="a restart"
        ),
        pytest.param(
            caused(OperationalError(), psycopg.OperationalError("gone")), True, id="lost connection"
        ),
        pytest.param(
            caused(InterfaceError(), psycopg.InterfaceError("closed")), True, id="was closed"
        ),
        pytest.param(
            caused(OperationalError(), psycopg.errors.DiskFull()), False, id="PostgreSQL's disk"
        ),
        pytest.param(
            caused(IntegrityError(), psycopg.errors.UniqueViolation()), False, id="a duplicate"
        ),
        pytest.param(ValueError("database is locked"), False, id="no error of a database"),
    ],
)
def test_an_error_that_passes_by_itself(error, passes):
    assert is_transient(error) is passes


class Fails:
    """A transition that raises the given errors, one a call, and then succeeds."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(transient, "FIRST_PAUSE_SECONDS", 0)


@pytest.mark.django_db(transaction=True)
def test_a_transition_is_tried_again_after_an_error_that_passes():
    transition = Fails(sqlite(sqlite3.SQLITE_BUSY), sqlite(sqlite3.SQLITE_LOCKED))

    assert (again(transition), transition.calls) == ("done", 3)


@pytest.mark.django_db(transaction=True)
def test_a_transition_is_tried_three_times_and_no_more():
    transition = Fails(*[sqlite(sqlite3.SQLITE_BUSY)] * 3)

    with pytest.raises(OperationalError):
        again(transition)
    assert transition.calls == 3


@pytest.mark.django_db(transaction=True)
def test_who_has_waited_for_a_lock_is_not_made_to_wait_again(monkeypatch):
    monkeypatch.setattr(transient, "PATIENCE_SECONDS", -1)
    transition = Fails(sqlite(sqlite3.SQLITE_BUSY))

    with pytest.raises(OperationalError):
        again(transition)
    assert transition.calls == 1


@pytest.mark.django_db(transaction=True)
def test_what_must_not_be_lost_is_tried_for_as_long_as_is_said():
    transition = Fails(*[sqlite(sqlite3.SQLITE_BUSY)] * 50)

    assert (again(transition, seconds=60), transition.calls) == ("done", 51)


@pytest.mark.django_db(transaction=True)
def test_also_what_is_no_database_error_in_djangos_eyes_is_tried_again():
    transition = Fails(caused(InterfaceError(), psycopg.InterfaceError("closed")))

    assert (again(transition), transition.calls) == ("done", 2)


@pytest.mark.django_db(transaction=True)
def test_it_is_not_tried_for_longer():
    transition = Fails(*[sqlite(sqlite3.SQLITE_BUSY)] * 1_000_000)

    with pytest.raises(OperationalError):
        again(transition, seconds=0.5)
    assert transition.calls > transient.TRIES


@pytest.mark.django_db(transaction=True)
def test_another_error_is_raised_at_once():
    transition = Fails(IntegrityError("a duplicate"))

    with pytest.raises(IntegrityError):
        again(transition)
    assert transition.calls == 1


@pytest.mark.django_db
def test_inside_a_callers_transaction_it_is_tried_once():
    transition = Fails(sqlite(sqlite3.SQLITE_BUSY))

    with pytest.raises(OperationalError):
        again(transition)
    assert transition.calls == 1
