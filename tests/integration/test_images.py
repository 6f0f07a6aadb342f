"""Photos made smaller, one job over all of them."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from PIL import Image

from tasks import files
from tasks.errors import UserError
from tasks.job import Run
from tasks.models import File, Job
from tasks.work import samples
from tasks.work.images import images

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

REAL = Path(os.environ.get("BELLWIRE_REAL_DATA", django_settings.BASE_DIR / "../shared/data"))


@pytest.fixture
def run(alice):
    return Run(Job.objects.create(owner=alice, kind="images", queue="images"))


def photo(width=800, height=600, kind="JPEG"):
    target = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(target, kind)
    return target.getvalue()


def upload(alice, content, name="photo.jpg"):
    return files.save_upload(alice.pk, name, "image/jpeg", [content]).pk


def opened(link):
    return Image.open(io.BytesIO(files.path_of(File.objects.get(pk=link["id"])).read_bytes()))


def test_every_photo_gets_a_thumbnail_and_sizes(alice, run):
    result = images(run, files=[upload(alice, photo(1600, 1200), "beach.jpg")])

    (made,) = result["photos"]
    assert (made["name"], made["width"], made["height"]) == ("beach.jpg", 1600, 1200)
    assert made["error"] == ""
    assert opened(made["thumbnail"]).size == (320, 240)
    assert [size["width"] for size in made["webp"]] == [640, 1280]
    assert [opened(size["link"]).size for size in made["webp"]] == [(640, 480), (1280, 960)]
    assert made["webp"][0]["link"]["name"] == "beach 640.webp"
    assert made["webp"][0]["link"]["content_type"] == "image/webp"


def test_a_broken_photo_does_not_stop_the_others(alice, run):
    whole = photo()
    uploads = [upload(alice, whole), upload(alice, whole[:5000]), upload(alice, whole)]

    first, broken, last = images(run, files=uploads)["photos"]

    assert broken == {"name": "photo.jpg", "error": "The photo is damaged or cut off."}
    assert first["error"] == last["error"] == ""


def test_where_no_photo_can_be_read_the_job_has_failed(alice, run):
    with pytest.raises(UserError, match="None of the 2 photos could be read"):
        images(run, files=[upload(alice, b"a,b\n"), upload(alice, b"c,d\n")])
    with pytest.raises(UserError, match="This is no photo"):
        images(run, files=[upload(alice, b"a,b\n")])


def test_progress_is_told_per_photo(alice, run):
    told = []
    run.meter.record = lambda *said: told.append(said)

    images(run, files=[upload(alice, photo(50, 50)), upload(alice, photo(50, 50))])

    assert told == [(0, 2, "photo 1 of 2"), (1, 2, "photo 2 of 2"), (2, 2, "")]


def test_each_photo_is_told_of_in_a_line(alice, run):
    images(run, files=[upload(alice, photo(1000, 500)), upload(alice, b"a,b\n")])

    said = run.output.take()
    assert [line.level for line in said] == ["step", "info", "warning"]
    assert "1000 x 500, made " in said[1].text
    assert "This is no photo" in said[2].text


def test_a_second_run_leaves_one_set_of_files(alice, run, django_capture_on_commit_callbacks):
    uploads = [upload(alice, photo())]

    images(run, files=uploads)
    with django_capture_on_commit_callbacks(execute=True):
        result = images(run, files=uploads)

    assert run.job.files.count() == 3
    assert opened(result["photos"][0]["thumbnail"]).size == (320, 240)


def test_fifty_photos_with_long_names_fit_into_a_result(alice, run):
    small = photo(8, 8)
    uploads = [upload(alice, small, "長い名前" * 60 + ".jpg") for _ in range(50)]

    result = images(run, files=uploads)

    assert len(json.dumps(result, ensure_ascii=False).encode()) < 64 * 1024


def test_the_sample_is_photos_worth_making_smaller(alice, run):
    arguments = samples.photos(alice.pk)

    assert len(arguments["files"]) == 4
    assert {opened({"id": each}).size for each in arguments["files"]} == {(1600, 1067)}


@pytest.mark.skipif(not REAL.is_dir(), reason="there is no folder of real photos")
def test_real_photos_are_made_smaller(alice, run):
    paths = sorted((REAL / "photos").iterdir())

    result = images(run, files=[upload(alice, p.read_bytes(), p.name) for p in paths])

    assert [made["name"] for made in result["photos"]] == [path.name for path in paths]
    assert {made["error"] for made in result["photos"]} == {""}
