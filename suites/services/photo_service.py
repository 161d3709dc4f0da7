"""Contoso photos: a small HTTP service that does what `docs_source/` says, so that its pages can be replayed.

    python suites/services/photo_service.py [--port 8081] [--token TOKEN] [--database FILE]

It listens on 127.0.0.1 only. Every request needs `Authorization: Bearer <token>`. The token is that of `--token`, else
of the environment variable PHOTO_SERVICE_TOKEN, else `local-token`, which is good enough for the loopback interface.
State is in SQLite, in memory unless `--database` names a file. Ids, ETags and timestamps are the service's own: they
are never those of the pages. From Python, `create_app()` is the WSGI application and `running()` a started server.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import logging
import os
import secrets
import sqlite3
import struct
import threading
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import exceptions
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Json = dict[str, Any]

DEFAULT_TOKEN = "local-token"
ME = "sample@contoso.com"  # the user whom the token stands for
OFFICE = {"street": "1 Sample Street", "city": "Redmond", "postalCode": "98052", "countryOrRegion": "US"}
USERS: tuple[Json, ...] = (
    {"displayName": "Sample User", "userPrincipalName": ME, "mail": ME, "userType": "member", "accountEnabled": True}
    | {"businessPhones": ["+1 425 555 0100"], "officeAddress": OFFICE, "hireDate": "2020-02-03"}
    | {"aboutMe": "Looks after the badges of building 1."},
    {"displayName": "Guest User", "userPrincipalName": "guest@contoso.com", "mail": None, "userType": "guest"}
    | {"accountEnabled": True, "businessPhones": [], "officeAddress": None, "hireDate": None},
)
SCHEMA = """
    CREATE TABLE IF NOT EXISTS user (id TEXT PRIMARY KEY, name TEXT UNIQUE COLLATE NOCASE, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS photo (number INTEGER PRIMARY KEY, id TEXT UNIQUE, user TEXT NOT NULL,
                                      size TEXT NOT NULL, image BLOB NOT NULL, body TEXT NOT NULL);
"""
FORMATS = {"image/png": (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", ">II"), "image/gif": (b"GIF89a", "<HH")}
"""How an image begins, and how its width and height follow."""
VISIBILITIES = ("everyone", "organization", "nobody")

Settable = dict[str, tuple[str, Callable[[Any], bool]]]
"""What a request may set: for each property its values in words, and a test of a value."""
EDITABLE: Settable = {
    "displayName": ("a string that is not empty", lambda value: isinstance(value, str) and value != ""),
    "caption": ("a string or null", lambda value: value is None or isinstance(value, str)),
    "altText": ("a string or null", lambda value: value is None or isinstance(value, str)),
    "tags": ("a list of strings", lambda value: isinstance(value, list) and all(isinstance(tag, str) for tag in value)),
    "visibility": (f"one of {', '.join(VISIBILITIES)}", lambda value: value in VISIBILITIES),
}
FIXED: Settable = {
    "contentType": (f"one of {', '.join(FORMATS)}", lambda value: value in tuple(FORMATS)),
    "contentBytes": ("a base64 string", lambda value: isinstance(value, str)),
}


def draw_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG image of one colour, 8 bits for each of red, green and blue."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = (b"\0" + bytes(colour) * width) * height
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def measure(image: bytes, content_type: str) -> tuple[int, int]:
    """Width and height in pixels, read from the header of the image; 400 if it isn't of that type."""
    start, layout = FORMATS[content_type]
    if image.startswith(start) and len(image) >= len(start) + 8:
        width, height = struct.unpack_from(layout, image, len(start))
        if 0 < width < 2**31 and 0 < height < 2**31:
            return width, height
    raise exceptions.BadRequest(f"'contentBytes' isn't an image of the type {content_type}.")


def now() -> str:
    """The time in UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_members(request: Request, settable: Settable) -> Json:
    """The properties in the JSON body of a request, tested, without `@odata` ones; 400 or 415 if it can't be used."""
    if not request.is_json:
        raise exceptions.UnsupportedMediaType("The Content-Type of the request must be application/json.")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise exceptions.BadRequest("The request body isn't valid JSON.") from None
    if not isinstance(body, dict):
        raise exceptions.BadRequest("The request body must be a JSON object.")
    members = {name: value for name, value in body.items() if not name.startswith("@")}
    for name, value in members.items():
        if name not in settable:
            raise exceptions.BadRequest(f"'{name}' can't be set by this request.")
        values, test = settable[name]
        if not test(value):
            raise exceptions.BadRequest(f"'{name}' must be {values}.")
    return members


def find_user(db: sqlite3.Connection, key: str) -> Json:
    """The user with this id or userPrincipalName; 404 if there is none."""
    row = db.execute("SELECT body FROM user WHERE id = ? OR name = ?", (key, key)).fetchone()
    if row is None:
        raise exceptions.NotFound(f"There is no user '{key}'.")
    return dict(json.loads(row[0]))


def find_photo(db: sqlite3.Connection, key: str) -> Json:
    """The photo of mine with this id, or the newest one of this size; 404 if there is none."""
    query = "SELECT body FROM photo WHERE user = ? AND (id = ? OR size = ?) ORDER BY number DESC"
    row = db.execute(query, (find_user(db, ME)["id"], key, key)).fetchone()
    if row is None:
        raise exceptions.NotFound(f"There is no photo '{key}'.")
    return dict(json.loads(row[0]))


def save_photo(db: sqlite3.Connection, photo: Json) -> Json:
    """Store the properties of a photo, under a new ETag and without an empty altText, the one optional property."""
    saved = {name: value for name, value in photo.items() if (name, value) != ("altText", None)}
    saved["@odata.etag"] = f'"{secrets.token_hex(8)}"'
    db.execute("UPDATE photo SET body = ? WHERE id = ?", (json.dumps(saved), saved["id"]))
    return saved


def add_photo(db: sqlite3.Connection, image: bytes, members: Json) -> Json:
    """Store a new photo of mine: what the request says of it, and what the service knows."""
    width, height = measure(image, members["contentType"])
    photo: Json = {"@odata.type": "#contoso.photos.profilePhoto", "@odata.etag": "", "id": str(uuid.uuid4())}
    photo |= {"displayName": "", "contentType": "", "contentLength": len(image), "size": f"{width}x{height}"}
    photo["dimensions"] = {"width": width, "height": height, "aspectRatio": round(width / height, 4)}
    photo |= {"caption": None, "tags": [], "visibility": "organization"}
    photo |= dict.fromkeys(("createdDateTime", "lastModifiedDateTime"), now())
    row = (photo["id"], find_user(db, ME)["id"], photo["size"], image)
    db.execute("INSERT INTO photo (id, user, size, image, body) VALUES (?, ?, ?, ?, '')", row)
    return save_photo(db, photo | members)


def seed(db: sqlite3.Connection) -> None:
    """Store the first users and photos. A database that has users is left as it is."""
    if db.execute("SELECT 1 FROM user").fetchone():
        return
    for user in USERS:
        body = {"@odata.type": "#contoso.photos.user", "id": str(uuid.uuid4()), **user, "createdDateTime": now()}
        db.execute("INSERT INTO user VALUES (?, ?, ?)", (body["id"], body["userPrincipalName"], json.dumps(body)))
    for size, colour in ((48, (0, 120, 212)), (96, (16, 124, 16)), (240, (209, 52, 56))):
        members = {"displayName": f"Badge {size}", "contentType": "image/png", "caption": "Lobby", "tags": ["badge"]}
        add_photo(db, draw_png(size, size, colour), members)


def require_match(request: Request, photo: Json) -> None:
    """412 if the request has an If-Match header without the ETag of the photo (RFC 9110, 13.1.1)."""
    if "If-Match" in request.headers and not request.if_match.contains(photo["@odata.etag"].strip('"')):
        raise exceptions.PreconditionFailed("The photo has changed: its ETag isn't that of the If-Match header.")


def respond(request: Request, context: str, body: Json, status: int = 200) -> Response:
    """A JSON response; an entity's ETag is also a header."""
    body = {"@odata.context": f"{request.root_url}v1.0/$metadata#{context}", **body}
    headers = {"ETag": body["@odata.etag"]} if "@odata.etag" in body else {}
    return Response(json.dumps(body, indent=2), status, headers, mimetype="application/json")


def get_user(db: sqlite3.Connection, request: Request, user: str = ME) -> Response:
    return respond(request, "users/$entity", find_user(db, user))


def list_photos(db: sqlite3.Connection, request: Request, user: str = ME) -> Response:
    user = find_user(db, user)["id"]
    rows = db.execute("SELECT body FROM photo WHERE user = ? ORDER BY number", (user,))
    return respond(request, f"users('{user}')/photos", {"value": [json.loads(body) for (body,) in rows]})


def create_photo(db: sqlite3.Connection, request: Request) -> Response:
    members = read_members(request, EDITABLE | FIXED)
    for name in ("displayName", *FIXED):
        if name not in members:
            raise exceptions.BadRequest(f"'{name}' is required.")
    try:
        image = base64.b64decode(members.pop("contentBytes"), validate=True)
    except ValueError:
        raise exceptions.BadRequest("'contentBytes' isn't valid base64.") from None
    photo = add_photo(db, image, members)
    response = respond(request, "me/photos/$entity", photo, 201)
    response.location = f"{request.base_url}/{photo['id']}"
    return response


def get_photo(db: sqlite3.Connection, request: Request, photo: str) -> Response:
    return respond(request, "me/photos/$entity", find_photo(db, photo))


def get_image(db: sqlite3.Connection, request: Request, photo: str) -> Response:
    found = find_photo(db, photo)
    (image,) = db.execute("SELECT image FROM photo WHERE id = ?", (found["id"],)).fetchone()
    etag = f'"{hashlib.sha256(image).hexdigest()[:16]}"'  # not that of the properties: an image never changes
    return Response(image, headers={"ETag": etag}, mimetype=found["contentType"])


def update_photo(db: sqlite3.Connection, request: Request, photo: str) -> Response:
    found = find_photo(db, photo)
    require_match(request, found)
    changed = found | read_members(request, EDITABLE) | {"lastModifiedDateTime": now()}
    return respond(request, "me/photos/$entity", save_photo(db, changed))


def delete_photo(db: sqlite3.Connection, request: Request, photo: str) -> Response:
    with contextlib.suppress(exceptions.NotFound):  # what is gone already is as good as deleted
        found = find_photo(db, photo)
        require_match(request, found)
        db.execute("DELETE FROM photo WHERE id = ?", (found["id"],))
    response = Response(status=204)
    response.headers.remove("Content-Type")
    return response


ROUTES = Map(
    [
        Rule("/v1.0/me", methods=["GET"], endpoint=get_user),
        Rule("/v1.0/users/<user>", methods=["GET"], endpoint=get_user),
        Rule("/v1.0/me/photos", methods=["GET"], endpoint=list_photos),
        Rule("/v1.0/users/<user>/photos", methods=["GET"], endpoint=list_photos),
        Rule("/v1.0/me/photos", methods=["POST"], endpoint=create_photo),
        Rule("/v1.0/me/photos/<photo>", methods=["GET"], endpoint=get_photo),
        Rule("/v1.0/me/photos/<photo>/$value", methods=["GET"], endpoint=get_image),
        Rule("/v1.0/me/photos/<photo>", methods=["PATCH"], endpoint=update_photo),
        Rule("/v1.0/me/photos/<photo>", methods=["DELETE"], endpoint=delete_photo),
    ],
    merge_slashes=False,
)


def error_response(error: exceptions.HTTPException) -> Response:
    """An OData error, with the headers that belong to it (Allow, WWW-Authenticate)."""
    code = error.name[0].lower() + error.name[1:].replace(" ", "")  # e.g. notFound
    inner = {"date": now(), "requestId": str(uuid.uuid4())}
    body = {"error": {"code": code, "message": error.description, "innerError": inner}}
    response = error.get_response()
    response.set_data(json.dumps(body, indent=2))
    response.content_type = "application/json"
    return response


class PhotoService:
    """The WSGI application, to be closed after use. Requests take turns, and each is one transaction."""

    def __init__(self, token: str = DEFAULT_TOKEN, database: str = ":memory:") -> None:
        self._token = token.encode()
        self._turn = threading.Lock()
        self._db = sqlite3.connect(database, check_same_thread=False)
        self._db.executescript(SCHEMA)
        with self._db:
            seed(self._db)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = self._answer(Request(environ))
        except exceptions.HTTPException as error:
            response = error_response(error)
        except Exception:
            logging.getLogger(__name__).exception("A request failed through a fault of the service.")
            response = error_response(exceptions.InternalServerError("The service failed."))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        sent = request.authorization
        token = (sent.token or "") if sent is not None and sent.type == "bearer" else ""
        if not hmac.compare_digest(token.encode(), self._token):
            message = "The request needs the header 'Authorization: Bearer {token}' with a valid token."
            raise exceptions.Unauthorized(message, www_authenticate=WWWAuthenticate("bearer"))
        operation, arguments = ROUTES.bind_to_environ(request.environ).match()
        request.max_content_length = 4 * 1024 * 1024  # bytes; 413 beyond it
        request.get_data()  # before it's the request's turn, so that a slow client keeps nobody waiting
        with self._turn, self._db:
            response: Response = operation(self._db, request, **arguments)
        return response

    def close(self) -> None:
        """Close the database."""
        self._db.close()


create_app = PhotoService


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line for each request."""


@contextlib.contextmanager
def running(token: str = DEFAULT_TOKEN, port: int = 0, database: str = ":memory:") -> Iterator[str]:
    """Serve from a thread; the value is the service root, e.g. `http://127.0.0.1:8081/v1.0`. Port 0: any free one."""
    with contextlib.closing(create_app(token, database)) as app:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1.0"
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the photos API of docs_source/ on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8081, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--token", help=f"the bearer token (default: $PHOTO_SERVICE_TOKEN, else {DEFAULT_TOKEN})")
    parser.add_argument("--database", default=":memory:", metavar="FILE", help="keep the state in FILE")
    options = parser.parse_args()
    token = options.token or os.environ.get("PHOTO_SERVICE_TOKEN") or DEFAULT_TOKEN
    shown = token if token == DEFAULT_TOKEN else "<token>"  # a token of one's own stays out of logs
    with contextlib.suppress(KeyboardInterrupt), running(token, options.port, options.database) as address:
        print(f'Serving {address}, e.g. curl -H "Authorization: Bearer {shown}" {address}/me', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
