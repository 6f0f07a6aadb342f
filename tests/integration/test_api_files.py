"""Uploads and downloads over HTTP."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from tasks import files
from tasks.models import File, Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
in_threads = pytest.mark.django_db(transaction=True)

MiB = 1024 * 1024


def post_raw(tab, content, name="a.csv", kind="text/csv"):
    return tab.post(f"/api/files?name={quote(name)}", content, content_type=kind)


async def download(user, address):
    client = AsyncClient()
    await client.aforce_login(user)
    response = await client.get(address)
    return response, b"".join([chunk async for chunk in response])


def result_of(alice, name, kind, content=b"<script>alert(1)</script>"):
    job = Job.objects.create(owner=alice, kind="reports", queue="reports")
    with files.create(alice.pk, job.pk, name, kind) as target:
        target.write(content)
    return target.saved


def test_a_body_is_taken_as_it_is(tab):
    response = post_raw(tab, b"a,b\n1,2\n", name="Umsätze 2026.csv")

    file = File.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(file.pk),
        "name": "Umsätze 2026.csv",
        "content_type": "text/csv",
        "size": 8,
        "received": 8,
        "url": f"/api/files/{file.pk}/content",
    }
    assert files.path_of(file).read_bytes() == b"a,b\n1,2\n"


def test_a_json_file_is_taken_as_it_is_when_it_has_a_name(tab):
    response = post_raw(tab, b'{"a": 1}', name="a.json", kind="application/json")

    assert (response.status_code, response.json()["size"]) == (201, 8)


def test_a_form_is_taken(tab):
    response = tab.post("/api/files", {"file": SimpleUploadedFile("../a.csv", b"a,b\n")})

    assert response.status_code == 201
    assert (response.json()["name"], response.json()["received"]) == ("a.csv", 4)


def test_an_upload_goes_on_where_it_was_cut_off(tab):
    content = bytes(range(256)) * 40
    started = tab.post(
        "/api/files", {"name": "a.bin", "size": len(content)}, content_type="application/json"
    )
    address = f"/api/files/{started.json()['id']}"

    def put(offset, chunk):
        return tab.put(f"{address}?offset={offset}", chunk, content_type="application/x-part")

    assert (started.status_code, started.json()["received"]) == (201, 0)
    assert put(0, content[:4096]).json() == {"received": 4096}
    lost = put(0, content[:4096])
    assert lost.status_code == 409
    assert lost.json()["error"]["code"] == "wrong_offset"
    received = lost.json()["error"]["received"]
    assert tab.get(address).json()["received"] == received == 4096
    assert put(received, content[received:]).json() == {"received": len(content)}
    assert files.path_of(File.objects.get()).read_bytes() == content


def test_an_incomplete_file_has_no_content_yet(tab):
    started = tab.post("/api/files", {"name": "a.bin", "size": 9}, content_type="application/json")

    assert tab.get(started.json()["url"]).status_code == 409


@pytest.mark.parametrize(
    ("address", "body", "kind", "status"),
    [
        pytest.param("/api/files?name=a.csv", b"", "text/csv", 422, id="no bytes"),
        pytest.param("/api/files?name=a.csv", b"x" * 2001, "text/csv", 413, id="too many"),
        pytest.param("/api/files", b"a,b", "text/csv", 415, id="no name"),
        pytest.param("/api/files", b"--x\r\n", "multipart/form-data", 400, id="no boundary"),
        pytest.param(
            "/api/files", b"no", "multipart/form-data; boundary=x", 422, id="a form with no file"
        ),
        pytest.param("/api/files", b"[]", "application/json", 422, id="no object"),
        pytest.param("/api/files", b"{", "application/json", 400, id="no JSON"),
        pytest.param("/api/files", b'{"name": "a"}', "application/json", 422, id="no size"),
        pytest.param(
            "/api/files", b'{"name": "a", "size": 0}', "application/json", 422, id="size of zero"
        ),
        pytest.param(
            "/api/files", b'{"name": "a", "size": -1}', "application/json", 422, id="below zero"
        ),
        pytest.param(
            "/api/files", b'{"name": "a", "size": 2001}', "application/json", 413, id="too large"
        ),
        pytest.param(
            "/api/files", b'{"name": "a", "size": "9"}', "application/json", 422, id="text as size"
        ),
        pytest.param(
            "/api/files",
            b'{"name": "a", "size": 9, "owner": 1}',
            "application/json",
            422,
            id="somebody else's",
        ),
        pytest.param("/api/files", b" " * 300_000, "application/json", 413, id="long JSON"),
    ],
)
def test_a_wrong_upload_is_refused_and_leaves_nothing(
    tab, settings, media, address, body, kind, status
):
    settings.UPLOAD_MAX_BYTES = 2000

    length = {"Content-Length": str(len(body))}
    response = tab.post(address, body, content_type=kind, headers=length)

    assert response.status_code == status, response.content
    assert set(response.json()["error"]) == {"code", "message"}
    assert not File.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_body_without_its_length_is_refused(tab):
    response = tab.post(
        "/api/files?name=a", b"x", content_type="text/csv", headers={"Content-Length": ""}
    )

    assert response.status_code == 411


def test_a_part_over_4_mib_is_refused(tab):
    started = tab.post(
        "/api/files", {"name": "a", "size": 9 * MiB}, content_type="application/json"
    )
    address = f"/api/files/{started.json()['id']}?offset="

    whole = tab.put(address + "0", b"x" * 4 * MiB, content_type="application/x-part")
    more = tab.put(address + str(4 * MiB), b"x" * (4 * MiB + 1), content_type="application/x-part")

    assert (whole.status_code, more.status_code) == (200, 413)


@pytest.mark.parametrize("offset", ["", "-1", "x", str(2**70), "1.5"])
def test_a_part_at_no_offset_is_refused(tab, offset):
    started = tab.post("/api/files", {"name": "a", "size": 9}, content_type="application/json")

    response = tab.put(
        f"/api/files/{started.json()['id']}?offset={offset}", b"x", content_type="application/x"
    )

    assert response.status_code in (409, 422)


@in_threads
async def test_a_download_is_an_attachment_that_can_do_nothing(alice):
    content = bytes(range(256)) * 1000
    file = await File.objects.aget(pk=await save(alice, "Umsätze <1>.html", "text/html", content))

    response, body = await download(alice, f"/api/files/{file.pk}/content?inline=1")

    assert body == content
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Ums%C3%A4tze")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(content))
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


async def save(alice, name, kind, content):
    return (await sync_to_async(files.save_upload)(alice.pk, name, kind, [content])).pk


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        pytest.param("a.webp", "image/webp", True, id="a picture"),
        pytest.param("a.html", "text/html", True, id="a page that a job made"),
        pytest.param("a.svg", "image/svg+xml", False, id="SVG, which has scripts"),
        pytest.param("a.csv", "text/csv", False, id="a table"),
    ],
)
@in_threads
async def test_a_result_is_shown_if_that_is_safe(alice, name, kind, shown):
    file = await sync_to_async(result_of)(alice, name, kind)

    plain, _ = await download(alice, f"/api/files/{file.pk}/content")
    inline, _ = await download(alice, f"/api/files/{file.pk}/content?inline=1")

    assert plain["Content-Disposition"].startswith("attachment")
    assert inline["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert re.match(r"sandbox; default-src 'none'", inline["Content-Security-Policy"])
    assert inline["X-Frame-Options"] == "SAMEORIGIN"


@in_threads
async def test_a_file_whose_bytes_are_gone_is_not_found(alice):
    pk = await save(alice, "a.csv", "text/csv", b"a")
    files.path_of(File(pk=pk)).unlink()

    client = AsyncClient()
    await client.aforce_login(alice)
    response = await client.get(f"/api/files/{pk}/content")

    assert response.status_code == 404
