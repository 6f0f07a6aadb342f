"""Photos: opening what may be hostile, and making smaller ones of it. Pure but for Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

from django.utils.translation import gettext, gettext_lazy
from PIL import Image, ImageCms, ImageOps

from tasks.errors import UserError
from tasks.numerals import number

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 50_000_000
THUMBNAIL_SIDE = 320
WIDTHS = (640, 1280)
_QUALITY = 82

NO_PHOTO = gettext_lazy("This is no photo in JPEG, PNG, WebP or GIF.")
BROKEN = gettext_lazy("The photo is damaged or cut off.")


def open_photo(file: BinaryIO) -> Image.Image:
    """Open a photo and look at its size, before anything of it is decoded.

    What is none, of another format, or has more than 50 million pixels is a UserError.
    """
    with warnings.catch_warnings():
        # Pillow's own bound warns and goes on; ours is lower and is checked below.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            photo = Image.open(file, formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise UserError(_too_large()) from error
        # Parsers of hostile headers raise many kinds of these.
        except (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError) as error:
            raise UserError(str(NO_PHOTO)) from error
    width, height = photo.size
    if width * height > MAX_PIXELS:
        said = gettext("It has %(width)s by %(height)s.")
        size = said % {"width": number(width), "height": number(height)}
        raise UserError(f"{_too_large()} {size}")
    return photo


def upright(photo: Image.Image) -> Image.Image:
    """Decode a photo as it is meant to be seen: turned by its EXIF, in sRGB, first frame.

    One that breaks off is a UserError. What comes back carries no metadata.
    """
    most = max(WIDTHS)
    try:
        # A JPEG can be decoded smaller at once; both sides, for EXIF may turn it.
        photo.draft("RGB", (most, most))
        photo.load()
        seen = ImageOps.exif_transpose(photo)
    except (OSError, ValueError, SyntaxError, IndexError, MemoryError) as error:
        raise UserError(str(BROKEN)) from error
    plain = _in_srgb(seen)
    plain.info.clear()
    return plain


def seen_size(photo: Image.Image) -> tuple[int, int]:
    """Give width and height as the photo is meant to be seen; ask before decoding."""
    width, height = photo.size
    return (height, width) if photo.getexif().get(0x0112, 1) in (5, 6, 7, 8) else (width, height)


def thumbnail(photo: Image.Image) -> bytes:
    """Make a WebP whose longer side has at most 320 pixels."""
    small = photo.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=3.0)
    return _webp(small)


def at_width(photo: Image.Image, width: int) -> bytes:
    """Make a WebP of this width."""
    height = max(1, round(photo.height * width / photo.width))
    return _webp(photo.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0))


def widths_for(width: int, wanted: Sequence[int] = WIDTHS) -> list[int]:
    """Choose the widths to make: none above the photo's own."""
    return sorted({min(width, each) for each in wanted})


def _too_large() -> str:
    said = gettext("The photo is too large: %(n)s million pixels is the most.")
    return said % {"n": number(MAX_PIXELS // 1_000_000)}


def _in_srgb(photo: Image.Image) -> Image.Image:
    has_alpha = photo.has_transparency_data
    plain = photo.convert("RGBA" if has_alpha else "RGB")
    profile = photo.info.get("icc_profile")
    if not profile or photo.mode not in ("RGB", "RGBA"):
        return plain
    # A profile that is wrong only costs the exact colours.
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), inPlace=True)
    return plain


def _webp(photo: Image.Image) -> bytes:
    target = io.BytesIO()
    photo.save(target, "WEBP", quality=_QUALITY, method=4)
    return target.getvalue()
