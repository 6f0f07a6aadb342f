"""Something to try each kind of job on, made up at the press of a button."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from PIL import Image, ImageDraw

from tasks import files

SALES_ROWS, PHOTOS = 200_000, 4
_DAYS = 400
_REGIONS = ("North", "South", "East", "West", "Overseas")
_PRODUCTS = ("Kettle", "Lamp", "Desk", "Chair", "Notebook", "Backpack", "Headphones", "Bicycle")
_PHOTO_SIZE = (1600, 1067)


def sales(owner_id: int, rows: int = SALES_ROWS) -> dict[str, Any]:
    """Make a table of sales, and give the arguments of a report on it."""
    upload = files.save_upload(owner_id, "sample sales.csv", "text/csv", sales_table(rows))
    return {"file": str(upload.pk)}


def photos(owner_id: int) -> dict[str, Any]:
    """Draw some photos, and give the arguments that make smaller ones of them."""
    uploads = [
        files.save_upload(owner_id, f"sample {place + 1}.jpg", "image/jpeg", [photo(place)])
        for place in range(PHOTOS)
    ]
    return {"files": [str(upload.pk) for upload in uploads]}


def greeting(_owner_id: int) -> dict[str, Any]:
    """Give the arguments of a mail to a dozen people who do not exist (RFC 2606)."""
    return {
        "subject": "Hello from Bellwire",
        "body": "This letter was written by a job that somebody could watch.\n",
        "recipients": [f"reader{place}@example.org" for place in range(1, 13)],
    }


#: Which kinds have a sample, and who makes it: owner's key in, arguments out.
MAKERS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "reports": sales,
    "images": photos,
    "mail": greeting,
}


def sales_table(rows: int, seed: int = 7) -> Iterator[bytes]:
    """Write a table of sales, day by day; the same one for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    sold = [_sale(chance) for _ in range(3000)]
    yield b"date,region,product,quantity,price,discount\n"
    for day in range(_DAYS):
        count = rows * (day + 1) // _DAYS - rows * day // _DAYS
        start = f"{date(2025, 9, 1) + timedelta(days=day)},"
        # Lines are drawn from few: a request thread must not compute for seconds.
        yield "".join([start + line for line in chance.choices(sold, k=count)]).encode()


def photo(place: int) -> bytes:
    """Draw a landscape: a sky, a sun and hills, as a JPEG."""
    chance = random.Random(place)  # noqa: S311 (a sample, not a secret)
    hue = place * 70 + 200
    sky = Image.linear_gradient("L").resize(_PHOTO_SIZE)
    picture = Image.merge("HSV", (
        Image.new("L", _PHOTO_SIZE, hue % 256), sky, Image.new("L", _PHOTO_SIZE, 235),
    )).convert("RGB")  # fmt: skip
    draw = ImageDraw.Draw(picture)
    x, y = chance.randint(250, 1350), chance.randint(150, 450)
    draw.ellipse((x - 90, y - 90, x + 90, y + 90), fill=(255, 240, 200))
    for layer in range(1, 5):
        draw.polygon(
            _hill(chance, layer), fill=(60 - 10 * layer, 130 - 22 * layer, 110 - 20 * layer)
        )
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=88)
    return target.getvalue()


def _sale(chance: random.Random) -> str:
    product = chance.choice(_PRODUCTS)
    price = round(chance.lognormvariate(2 + len(product) / 4, 0.4), 2)
    discount = "" if chance.random() < 0.6 else str(chance.choice((5, 10, 20)))
    return f"{chance.choice(_REGIONS)},{product},{chance.randint(1, 12)},{price},{discount}\n"


def _hill(chance: random.Random, layer: int) -> list[tuple[float, float]]:
    width, height = _PHOTO_SIZE
    phase, base = chance.random() * 6, height * (0.45 + 0.12 * layer)
    crest = [
        (float(x), base + 70 * math.sin(x / 190 + phase) + 25 * math.sin(x / 60 + phase * 2))
        for x in range(0, width + 20, 20)
    ]
    return [(0.0, float(height)), *crest, (float(width), float(height))]
