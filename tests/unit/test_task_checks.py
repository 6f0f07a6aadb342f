import pytest
from celery import Celery
from django.core.checks import run_checks

from tasks import checks
from tasks import job as jobs_of
from tasks.job import Run, job

urlpatterns = []


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(checks, "registry", jobs_of.registry)


def test_a_queue_that_nobody_serves_is_found_before_anything_starts():
    @job(queue="repots")
    def tally(job: Run) -> None: ...

    (error,) = run_checks(tags=["tasks"])

    assert error.id == "tasks.E001"
    assert "'tally' has the queue 'repots'" in error.msg
    assert error.hint == "JOB_QUEUES is default, reports, images, mail."


def test_a_soft_limit_above_the_hard_one_is_found(settings):
    settings.JOB_SOFT_LIMIT_SECONDS = settings.JOB_HARD_LIMIT_SECONDS + 1

    assert [error.id for error in run_checks(tags=["tasks"])] == ["tasks.E002"]


def test_what_is_there_passes():
    @job(queue="mail")
    def tally(job: Run) -> None: ...

    assert run_checks(tags=["tasks"]) == []


@pytest.mark.parametrize(
    ("files", "media", "address", "ids"),
    [
        pytest.param("", "", "", ["tasks.E004"], id="as startproject makes it"),
        pytest.param("/srv/files", "", "", [], id="a place of their own"),
        pytest.param("", "/srv/media", "", [], id="where nothing is served"),
        pytest.param("", "/srv/media", "media/", ["tasks.W005"], id="where all is served"),
        pytest.param("/srv/media/jobs", "/srv/media", "media/", ["tasks.W005"], id="below that"),
        pytest.param("/srv/files", "/srv/media", "media/", [], id="beside that"),
    ],
)
def test_private_files_have_a_private_place(settings, files, media, address, ids):
    settings.JOB_FILES_ROOT, settings.MEDIA_ROOT, settings.MEDIA_URL = files, media, address

    assert [message.id for message in checks.check_files_root()] == ids


def test_a_site_whose_celery_does_not_know_of_jobs_is_told(monkeypatch):
    monkeypatch.setattr(checks, "current_app", Celery("theirs", set_as_current=False))

    assert [message.id for message in checks.check_celery()] == ["tasks.E006"]


def test_a_site_without_the_api_is_warned(settings):
    settings.ROOT_URLCONF = __name__

    assert [message.id for message in checks.check_api()] == ["tasks.W007"]


def test_times_without_a_zone_are_refused(settings):
    settings.USE_TZ = False

    assert [message.id for message in checks.check_clock()] == ["tasks.E008"]


def test_a_setting_of_another_type_is_refused(settings):
    settings.JOB_KEEP_DAYS = "30"

    (error,) = checks.check_types()

    assert (error.id, error.msg) == ("tasks.E003", "JOB_KEEP_DAYS is '30'; it takes int.")
