"""Making smaller photos of what may be hostile."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from tasks.errors import UserError
from tasks.work import pictures

ORIENTATION, GPS = 0x0112, 0x8825


def encoded(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def seen(content):
    with pictures.open_photo(io.BytesIO(content)) as photo:
        return pictures.upright(photo)


def opened(content):
    return Image.open(io.BytesIO(content))


def png_of_size(width, height):
    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def photo_with_exif(orientation=1):
    image = Image.new("RGB", (400, 200), "green")
    image.paste("red", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS)[1] = "N"
    return encoded(image, "JPEG", exif=exif, comment=b"secret")


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_every_format_is_read(kind):
    content = encoded(Image.new("RGB", (400, 300), "teal"), kind)

    small = opened(pictures.thumbnail(seen(content)))

    assert (small.format, small.size) == ("WEBP", (320, 240))


def test_a_small_photo_is_not_blown_up():
    photo = seen(encoded(Image.new("RGB", (100, 50)), "PNG"))

    assert opened(pictures.thumbnail(photo)).size == (100, 50)
    assert pictures.widths_for(100) == [100]
    assert pictures.widths_for(1000) == [640, 1000]
    assert pictures.widths_for(4000) == [640, 1280]


def test_a_width_keeps_the_shape():
    photo = seen(encoded(Image.new("RGB", (1600, 1000)), "JPEG"))

    assert opened(pictures.at_width(photo, 640)).size == (640, 400)


def test_a_photo_is_turned_as_its_camera_was():
    content = photo_with_exif(orientation=6)  # the left of the stored picture is the top
    with pictures.open_photo(io.BytesIO(content)) as photo:
        size = pictures.seen_size(photo)
        turned = pictures.upright(photo)

    red, _, _ = turned.getpixel((turned.width // 2, 5))

    assert size == (200, 400)
    assert turned.width < turned.height
    assert red > 200


def test_metadata_is_dropped():
    small = opened(pictures.thumbnail(seen(photo_with_exif())))

    assert not dict(small.getexif())
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(small.info)


def test_colours_are_brought_to_srgb_and_a_wrong_profile_is_ignored():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (50, 50), (10, 200, 30))

    for each in (profile, b"nonsense"):
        assert seen(encoded(image, "PNG", icc_profile=each)).getpixel((1, 1)) == (10, 200, 30)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "I;16", "1", "L"])
def test_every_kind_of_colour_becomes_webp(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert opened(pictures.thumbnail(seen(encoded(Image.new(mode, (20, 20)), kind)))).size == (
        20,
        20,
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "no photo", id="empty"),
        pytest.param(b"a,b\n1,2\n", "no photo", id="a table"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no photo", id="SVG"),
        pytest.param(encoded(Image.new("RGB", (9, 9)), "TIFF"), "no photo", id="another format"),
        pytest.param(png_of_size(20_000, 20_000), "50 million pixels", id="400 million pixels"),
        pytest.param(png_of_size(9_000, 9_000), "9,000 by 9,000", id="81 million pixels"),
        pytest.param(png_of_size(2000, 2000), "damaged", id="too few rows"),
        pytest.param(
            encoded(Image.effect_noise((500, 500), 90), "JPEG")[:9000], "damaged", id="JPEG cut off"
        ),
        pytest.param(
            encoded(Image.effect_noise((500, 500), 90), "PNG")[:9000], "damaged", id="PNG cut off"
        ),
        pytest.param(
            encoded(Image.effect_noise((500, 500), 90), "WEBP")[:9000], "photo", id="WebP cut off"
        ),
        pytest.param(photo_with_exif()[:30], "photo", id="a header cut off"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(UserError, match=sentence):
        seen(content)
