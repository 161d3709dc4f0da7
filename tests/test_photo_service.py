"""suites/services/photo_service.py, the service that the pages in docs_source/ are replayed against."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import struct
import subprocess
import sys
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client

SERVICE = Path(__file__).parents[1] / "suites" / "services" / "photo_service.py"
SPEC = importlib.util.spec_from_file_location("photo_service", SERVICE)
assert SPEC is not None
assert SPEC.loader is not None
photo_service = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(photo_service)

Send = Callable[..., requests.Response]

NEW_PHOTO = {
    "displayName": "Visitor badge",
    "contentType": "image/png",
    "contentBytes": base64.b64encode(photo_service.draw_png(7, 5, (1, 2, 3))).decode(),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with photo_service.running(token="secret") as address:
        yield address


@pytest.fixture
def send(address: str) -> Iterator[Send]:
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer secret"
        yield lambda method, path, **options: session.request(method, address + path, timeout=10, **options)


@pytest.fixture
def photo(send: Send) -> dict[str, Any]:
    """A photo that no other test knows."""
    created = send("POST", "/me/photos", json=NEW_PHOTO)
    assert created.status_code == 201
    return dict(created.json())


def assert_error(response: requests.Response, status: int, code: str) -> str:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "innerError"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert uuid.UUID(body["error"]["innerError"]["requestId"])
    assert body["error"]["innerError"]["date"].endswith("Z")
    assert "Traceback" not in response.text
    return str(body["error"]["message"])


def png_size(image: bytes) -> tuple[int, int]:
    """Width and height of a PNG of 8-bit RGB, after a look at every chunk and every row."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    offset = 8
    while offset < len(image):
        (length,) = struct.unpack_from(">I", image, offset)
        kind, data = image[offset + 4 : offset + 8], image[offset + 8 : offset + 8 + length]
        assert struct.unpack_from(">I", image, offset + 8 + length) == (zlib.crc32(kind + data),)
        chunks[kind] = data
        offset += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + 3 * width)
    return width, height


# --- authentication ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}]
    + [{"Authorization": value} for value in ("Bearer", "Bearer wrong", "Bearer secre\xff", "Basic secret", "secret")]
    + [{"Authorization": "Basic " + base64.b64encode(b"secret:secret").decode()}],
)
@pytest.mark.parametrize("path", ["/me", "/me/photos/48x48", "/nowhere"])
def test_without_the_token_nothing_is_told(address: str, headers: dict[str, str], path: str) -> None:
    response = requests.get(address + path, headers=headers, timeout=10)
    assert_error(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_in_any_letter_case(address: str) -> None:
    assert requests.get(address + "/me", headers={"Authorization": "bearer secret"}, timeout=10).status_code == 200


# --- users -------------------------------------------------------------------------------------------------------


def test_me_is_a_user_with_an_id_and_a_name(send: Send) -> None:
    me = send("GET", "/me").json()
    for key in (me["id"], "sample@contoso.com", "Sample@Contoso.com"):
        assert send("GET", f"/users/{key}").json() == me
    assert me["businessPhones"] == ["+1 425 555 0100"]
    assert me["officeAddress"].keys() == {"street", "city", "postalCode", "countryOrRegion"}


def test_a_guest_has_nulls_and_lacks_the_optional_property(send: Send) -> None:
    guest = send("GET", "/users/guest@contoso.com").json()
    assert [guest[name] for name in ("mail", "officeAddress", "hireDate")] == [None, None, None]
    assert "aboutMe" not in guest
    assert send("GET", "/users/guest@contoso.com/photos").json()["value"] == []


@pytest.mark.parametrize("path", ["/users/nobody", "/users/nobody/photos", "/users/%00", "/users/%FF", "/users/'--"])
def test_an_unknown_user_is_not_found(send: Send, path: str) -> None:
    assert_error(send("GET", path), 404, "notFound")


# --- photos ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", [48, 96, 240])
def test_a_seeded_photo_and_its_image(edge: int) -> None:
    with photo_service.running() as address, requests.Session() as session:
        session.headers["Authorization"] = "Bearer local-token"
        photo = session.get(f"{address}/me/photos/{edge}x{edge}", timeout=10).json()
        image = session.get(f"{address}/me/photos/{edge}x{edge}/$value", timeout=10)
    assert photo["dimensions"] == {"width": edge, "height": edge, "aspectRatio": 1.0}
    assert photo["contentLength"] == len(image.content)
    assert image.headers["Content-Type"] == photo["contentType"] == "image/png"
    assert png_size(image.content) == (edge, edge)


def test_lists_hold_the_same_photos_for_me_and_for_my_name(send: Send, photo: dict[str, Any]) -> None:
    mine = send("GET", "/me/photos").json()
    assert mine == send("GET", "/users/sample@contoso.com/photos").json()
    assert mine["@odata.context"].endswith("/photos")
    assert [entry for entry in mine["value"] if entry["id"] == photo["id"]] == [
        {name: value for name, value in photo.items() if name != "@odata.context"}
    ]


def test_create_reads_the_size_and_mints_the_rest(send: Send) -> None:
    first = send("POST", "/me/photos", json=NEW_PHOTO)
    second = send("POST", "/me/photos", json=NEW_PHOTO | {"@odata.type": "#contoso.photos.profilePhoto"})
    assert (first.status_code, second.status_code) == (201, 201)
    one, two = first.json(), second.json()
    assert one["id"] != two["id"]
    assert (one["size"], one["dimensions"]) == ("7x5", {"width": 7, "height": 5, "aspectRatio": 1.4})
    assert (one["caption"], one["tags"], one["visibility"]) == (None, [], "organization")
    assert {"altText", "contentBytes"}.isdisjoint(one)
    assert first.headers["ETag"] == one["@odata.etag"] != two["@odata.etag"]
    age = datetime.now().astimezone() - datetime.fromisoformat(one["createdDateTime"])
    assert abs(age) < timedelta(minutes=1)
    assert send("GET", "/me/photos/7x5").json()["id"] == two["id"], "a size names the newest photo"
    location = requests.get(first.headers["Location"], headers={"Authorization": "Bearer secret"}, timeout=10)
    assert location.json() == one
    assert location.headers["ETag"] == first.headers["ETag"]


def test_the_image_comes_back_as_it_was_sent(send: Send, photo: dict[str, Any]) -> None:
    image = send("GET", f"/me/photos/{photo['id']}/$value")
    assert image.content == base64.b64decode(NEW_PHOTO["contentBytes"])
    assert re.fullmatch(r'"[0-9a-f]{16}"', image.headers["ETag"])


def test_a_gif_is_measured_too(send: Send) -> None:
    gif = b"GIF89a" + struct.pack("<HH", 300, 200) + b"\x80\0\0" + bytes(6) + b";"
    body = NEW_PHOTO | {"contentType": "image/gif", "contentBytes": base64.b64encode(gif).decode()}
    photo = send("POST", "/me/photos", json=body).json()
    assert photo["size"] == "300x200"
    assert send("GET", f"/me/photos/{photo['id']}/$value").headers["Content-Type"] == "image/gif"


@pytest.mark.parametrize("name", ["displayName", "contentType", "contentBytes"])
def test_create_needs_the_required_properties(send: Send, name: str) -> None:
    body = {key: value for key, value in NEW_PHOTO.items() if key != name}
    assert name in assert_error(send("POST", "/me/photos", json=body), 400, "badRequest")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", ""),
        ("displayName", 1),
        ("contentType", "image/jpeg"),
        ("contentType", ["image/png"]),
        ("contentType", "image/gif"),
        ("contentBytes", None),
        ("contentBytes", "no base64"),
        ("contentBytes", "é"),
        ("contentBytes", ""),
        ("contentBytes", base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").decode()),
        ("contentBytes", base64.b64encode(photo_service.draw_png(0, 5, (0, 0, 0))).decode()),
        ("caption", 1),
        ("altText", {}),
        ("tags", "badge"),
        ("tags", [1]),
        ("visibility", "all"),
        ("visibility", []),
        ("id", "mine"),
        ("colour", "red"),
    ],
)
def test_create_refuses_a_wrong_property(send: Send, name: str, value: object) -> None:
    message = assert_error(send("POST", "/me/photos", json=NEW_PHOTO | {name: value}), 400, "badRequest")
    assert "contentBytes" in message or name in message


def test_update_changes_what_it_names_and_the_etag(send: Send, photo: dict[str, Any]) -> None:
    path = f"/me/photos/{photo['id']}"
    image = send("GET", path + "/$value")
    change = {"caption": "Lobby \U0001f6aa \ud83d", "altText": "A dark square", "visibility": "nobody"}
    response = send("PATCH", path, data=json.dumps(change), headers={"Content-Type": "application/json; charset=utf-8"})
    assert response.status_code == 200
    updated = response.json()
    assert updated["@odata.etag"] == response.headers["ETag"] != photo["@odata.etag"]
    assert updated["lastModifiedDateTime"] >= photo["lastModifiedDateTime"]
    volatile = {"@odata.etag": "", "lastModifiedDateTime": ""}
    assert updated | volatile == photo | change | volatile
    assert send("GET", path).json() == updated
    assert send("GET", path + "/$value").headers["ETag"] == image.headers["ETag"], "the image is the same"
    cleared = send("PATCH", path, json={"caption": None, "altText": None}).json()
    assert cleared["caption"] is None
    assert "altText" not in cleared


@pytest.mark.parametrize("body", [{"id": "mine"}, {"contentType": "image/gif"}, {"contentBytes": ""}, {"tags": None}])
def test_update_refuses_what_cannot_change(send: Send, photo: dict[str, Any], body: dict[str, Any]) -> None:
    assert_error(send("PATCH", f"/me/photos/{photo['id']}", json=body), 400, "badRequest")
    assert send("GET", f"/me/photos/{photo['id']}").json() == photo


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("if_match", ['"other"', "W/{}", ""])
def test_another_etag_stops_the_request(send: Send, photo: dict[str, Any], method: str, if_match: str) -> None:
    headers = {"If-Match": if_match.format(photo["@odata.etag"])}
    response = send(method, f"/me/photos/{photo['id']}", json={"displayName": "Other"}, headers=headers)
    assert_error(response, 412, "preconditionFailed")
    assert send("GET", f"/me/photos/{photo['id']}").json() == photo


@pytest.mark.parametrize("if_match", ["{}", '"other", {}', "*"])
def test_the_right_etag_lets_the_request_pass(send: Send, photo: dict[str, Any], if_match: str) -> None:
    path = f"/me/photos/{photo['id']}"
    first = send("PATCH", path, json={"tags": ["a"]}, headers={"If-Match": if_match.format(photo["@odata.etag"])})
    assert first.status_code == 200
    last = send("DELETE", path, headers={"If-Match": if_match.format(first.headers["ETag"])})
    assert last.status_code == 204


def test_delete_can_be_repeated(send: Send, photo: dict[str, Any]) -> None:
    path = f"/me/photos/{photo['id']}"
    for _ in range(2):
        response = send("DELETE", path)
        assert (response.status_code, response.content) == (204, b"")
        assert "Content-Type" not in response.headers
    assert_error(send("GET", path), 404, "notFound")
    assert_error(send("GET", path + "/$value"), 404, "notFound")
    assert_error(send("PATCH", path, json={}), 404, "notFound")


# --- requests that go wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/me/photos/1x1", "/me/photos/1x1/$value", "/me/photos/", "//me", "/me/", "/"])
def test_an_unknown_path_is_not_found(send: Send, path: str) -> None:
    assert_error(send("GET", path), 404, "notFound")


def test_a_wrong_method_is_answered_with_the_right_ones(send: Send) -> None:
    response = send("PUT", "/me/photos/48x48", json={})
    assert_error(response, 405, "methodNotAllowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"displayName": "a",}', b"\xff", b"[]", b"null", b"[" * 200_000, b"9" * 5000]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/me/photos"), ("PATCH", "/me/photos/96x96")])
def test_a_body_that_is_no_json_object_is_refused(send: Send, method: str, path: str, body: bytes) -> None:
    assert_error(send(method, path, data=body, headers={"Content-Type": "application/json"}), 400, "badRequest")


def test_another_media_type_is_refused(send: Send) -> None:
    assert_error(send("POST", "/me/photos", data="{}"), 415, "unsupportedMediaType")


def test_a_body_that_is_too_long_is_refused() -> None:
    app = photo_service.create_app(token="secret")
    response = Client(app).post("/v1.0/me/photos", data=b"0" * 5_000_000, headers={"Authorization": "Bearer secret"})
    app.close()
    assert response.status_code == 413
    assert response.get_json()["error"]["code"] == "requestEntityTooLarge"


def test_a_fault_of_the_service_shows_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    app = photo_service.create_app(token="secret")
    app.close()  # the database is gone now
    response = Client(app).get("/v1.0/me", headers={"Authorization": "Bearer secret"})
    assert response.status_code == 500
    assert response.get_json()["error"]["code"] == "internalServerError"
    assert response.get_json()["error"]["message"] == "The service failed."
    assert "ProgrammingError" in caplog.text


# --- the server --------------------------------------------------------------------------------------------------


def test_requests_at_the_same_time_are_all_served(send: Send, address: str) -> None:
    def create(_: int) -> str:
        headers = {"Authorization": "Bearer secret"}
        return str(requests.post(address + "/me/photos", json=NEW_PHOTO, headers=headers, timeout=30).json()["id"])

    with ThreadPoolExecutor(8) as pool:
        created = set(pool.map(create, range(40)))
    assert len(created) == 40
    assert created <= {photo["id"] for photo in send("GET", "/me/photos").json()["value"]}


def test_a_database_file_outlives_the_server(tmp_path: Path) -> None:
    database = str(tmp_path / "photos.sqlite")
    seen = []
    for _ in range(2):
        with photo_service.running(database=database) as address, requests.Session() as session:
            session.headers["Authorization"] = "Bearer local-token"
            seen.append(session.get(address + "/me/photos", timeout=10).json()["value"])
            session.delete(address + "/me/photos/48x48", timeout=10)
    assert seen[1] == [photo for photo in seen[0] if photo["size"] != "48x48"]


@pytest.mark.parametrize(
    ("arguments", "variable", "token"),
    [([], "", "local-token"), ([], "of-the-environment", "of-the-environment"), (["--token", "given"], "x", "given")],
)
def test_the_command_says_how_to_call_it(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, token: str
) -> None:
    monkeypatch.setenv("PHOTO_SERVICE_TOKEN", variable)
    command = [sys.executable, str(SERVICE), "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/v1\.0", line)
            assert found is not None
            assert (token in line) == (token == "local-token"), "a token of one's own is not printed"
            response = requests.get(found[0] + "/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)
            assert response.status_code == 200
        finally:
            process.kill()
