import pytest

from tasks.boot import pool_problem


@pytest.mark.parametrize(
    ("pool", "vendor", "is_refused"),
    [
        pytest.param("gevent", "sqlite", True, id="green threads on SQLite"),
        pytest.param("celery.concurrency.eventlet:TaskPool", "sqlite", True, id="by its class"),
        pytest.param("gevent", "postgresql", False, id="green threads on PostgreSQL"),
        pytest.param("prefork", "sqlite", False, id="processes"),
        pytest.param("threads", "sqlite", False, id="threads"),
        pytest.param("", "sqlite", False, id="as Celery likes"),
    ],
)
def test_a_pool_that_cannot_work_with_the_database_is_refused(pool, vendor, is_refused):
    assert bool(pool_problem(pool, vendor)) is is_refused
