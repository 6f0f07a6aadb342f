"""Images: of every photo a thumbnail and WebP sizes, in one job over all of them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy
from msgspec import Meta

from tasks import files
from tasks.errors import UserError
from tasks.filenames import stem_of
from tasks.job import Run, job
from tasks.models import File
from tasks.work import pictures

MAX_PHOTOS = 50
_WEBP = "image/webp"


# Each attempt begins anew; only a lost worker is worth another.
@job(
    queue="images",
    kind="images",
    name=gettext_lazy("Pictures"),
    notify=True,
    max_attempts=2,
    time_limit=900,
    soft_time_limit=870,
)
def images(
    run: Run, *, files: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_PHOTOS)]
) -> dict[str, Any]:
    """Make smaller ones of uploaded photos.

    Result: ``{"photos": [{"name", "width", "height", "thumbnail": link, "webp": [{"width",
    "link"}], "error"}]}``. A photo that cannot be read has a sentence as its ``error`` and
    stops no other; the job fails if none could be read.
    """
    forget_earlier(run)
    run.step("Make smaller pictures")
    photos = []
    for place, file_id in enumerate(files, start=1):
        run.progress(place - 1, len(files), _step(place, len(files)))
        photos.append(_attempt(run, run.file(file_id)))
    run.progress(len(files), len(files), "")
    if all(photo["error"] for photo in photos):
        raise UserError(_none_readable(photos))
    return {"photos": photos}


def forget_earlier(run: Run) -> None:
    """Remove what an attempt before this one wrote."""
    files.remove_results(run.id)


def _attempt(run: Run, upload: File) -> dict[str, Any]:
    try:
        photo = _smaller(run, upload)
    except UserError as error:
        run.log(f"{upload.name}: {error}", "warning")
        return {"name": upload.name[:60], "error": str(error)}
    widths = ", ".join(str(smaller["width"]) for smaller in photo["webp"])
    run.log(f"{upload.name}: {photo['width']} x {photo['height']}, made {widths} wide")
    return photo


def _smaller(run: Run, upload: File) -> dict[str, Any]:
    with run.open(upload.pk) as source, pictures.open_photo(source) as photo:
        width, height = pictures.seen_size(photo)
        seen = pictures.upright(photo)
    stem = stem_of(upload.name, 30)
    small = _keep(run, f"{stem} thumbnail.webp", pictures.thumbnail(seen))
    webp = [
        {"width": w, "link": _keep(run, f"{stem} {w}.webp", pictures.at_width(seen, w))}
        for w in pictures.widths_for(width)
    ]
    return {
        "name": upload.name[:60],
        "width": width,
        "height": height,
        "thumbnail": small,
        "webp": webp,
        "error": "",
    }


def _keep(run: Run, name: str, content: bytes) -> dict[str, object]:
    with run.create(name, _WEBP) as target:
        target.write(content)
    return files.describe(target.saved)


def _none_readable(photos: list[dict[str, Any]]) -> str:
    if len(photos) == 1:
        return str(photos[0]["error"])
    said = gettext("None of the %(n)s photos could be read. The first: %(error)s")
    return said % {"n": len(photos), "error": photos[0]["error"]}


def _step(place: int, photos: int) -> str:
    return gettext("photo %(place)s of %(n)s") % {"place": place, "n": photos}
