"""Exports: what other tools accept, the same whatever the order of the pages, and what the pages say."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from docassay import contract, pipeline, schema
from docassay.config import Config
from docassay.exports import EXPORTS, form, text

from .conftest import ROOT, shared
from .grammar import page as broken_page
from .test_contract import ignored, note, request, resource, response, table

DOCS = ROOT / "docs_source"


def loaded(folder: Path) -> pipeline.Loaded:
    return pipeline.load([folder], Config())


def written(tmp_path: Path, **pages: str) -> pipeline.Loaded:
    for name, content in pages.items():
        (tmp_path / f"{name}.md").write_text(content, "utf-8")
    return loaded(tmp_path)


def openapi(of: pipeline.Loaded) -> dict:
    return json.loads(json.dumps(EXPORTS["openapi"].document(of)))


def bundle(of: pipeline.Loaded) -> dict:
    return json.loads(json.dumps(EXPORTS["jsonschema"].document(of)))


LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("onedrive", "graph-v1.0")]


@pytest.fixture(scope="module", params=["docs_source", *LARGE])
def corpus(request) -> tuple[str, pipeline.Loaded]:
    return request.param, loaded(DOCS if request.param == "docs_source" else shared("corpora") / request.param)


# --- valid -------------------------------------------------------------------------------------------------------


def test_openapi_is_valid(corpus):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    found = openapi(corpus[1])
    assert [str(error) for error in OpenAPIV31SpecValidator(found).iter_errors()] == []
    ids = [operation["operationId"] for item in found["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)
    shapes = [contract_shape(path) for path in found["paths"]]
    assert len(set(shapes)) == len(shapes), "OpenAPI cannot hold two paths that differ in names of parameters alone"


def contract_shape(path: str) -> str:
    from docassay import templates

    return templates.shape(path)


def test_json_schema_is_valid(corpus):
    found = bundle(corpus[1])
    Draft202012Validator.check_schema(found)
    assert set(unresolved(found, found)) == set()
    assert all(name in found["$defs"] for name in corpus[1].schemas.contract.types)


def test_references_of_openapi_lead_somewhere(corpus):
    found = openapi(corpus[1])
    assert set(unresolved(found, found)) == set()


def unresolved(value: object, root: dict) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith("#/"):
            at: object = root
            for part in target[2:].split("/"):
                at = at.get(part) if isinstance(at, dict) else None
            if at is None:
                yield target
        for key, inner in value.items():
            if key not in ("examples", "example"):
                yield from unresolved(inner, root)
    elif isinstance(value, list):
        for inner in value:
            yield from unresolved(inner, root)


@pytest.mark.parametrize("name", ["docs_source", "onedrive"])
def test_examples_fit_the_schemas_beside_them(name):
    found = openapi(loaded(DOCS if name == "docs_source" else shared("corpora") / name))
    checked = list(misfits(found))
    assert len(checked) > 10
    assert [one for one in checked if one] == []


def misfits(found: dict) -> Iterator[str]:
    """For each example of a body: nothing, or why it does not fit."""
    root = {"$schema": schema.DIALECT, "$id": "urn:x", "components": found["components"]}
    registry = Registry().with_resource("urn:x", Resource.from_contents(root, DRAFT202012))
    for path, item in found["paths"].items():
        for method, operation in item.items():
            for message in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in message.get("content", {}).values():
                    own = json.loads(json.dumps(content.get("schema", {})).replace('"#/', '"urn:x#/'))
                    validator = Draft202012Validator(own, registry=registry)
                    for example in content.get("examples", {}).values():
                        if "$ref" in example:
                            example = found["components"]["examples"][example["$ref"].rpartition("/")[2]]
                        error = next(validator.iter_errors(example["value"]), None)
                        yield f"{method} {path}: {error.json_path}: {error.message}" if error else ""


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))])
def test_broken_pages_give_valid_documents(seed, tmp_path):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    chance = random.Random(seed)
    for number in range(60):
        (tmp_path / f"page{number}.md").write_bytes(broken_page(chance))
    whole = pipeline.load([tmp_path], Config(infer=seed % 2 == 1))
    schemas, description = (
        json.loads(text(EXPORTS["jsonschema"], whole)),
        json.loads(text(EXPORTS["openapi"], whole, ".json")),
    )
    Draft202012Validator.check_schema(schemas)
    assert set(unresolved(schemas, schemas)) == set()
    assert [str(error) for error in OpenAPIV31SpecValidator(description).iter_errors()] == []


# --- the same every time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_the_order_of_the_pages_makes_no_difference(name, corpus):
    whole = corpus[1]
    pages = list(whole.docs.pages)
    random.Random(7).shuffle(pages)
    docs = msgspec.structs.replace(whole.docs, pages=tuple(pages))
    shuffled = pipeline.Loaded(docs, schema.compile(contract.build(docs.pages)))
    assert text(EXPORTS[name], shuffled, ".json") == text(EXPORTS[name], whole, ".json")


def test_yaml_and_json_say_the_same(corpus):
    found = openapi(corpus[1])
    assert yaml.load(form.render(found, "yaml"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)) == found


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["1e5", "0o17", "010", "yes", "~", "2020-01-01", "1:30", "a\u2028b", "x\x85", "- a", "=", "1_0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab: -#$@1", max_size=4), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("ab", max_size=3), _VALUES, max_size=4))
def test_any_document_comes_back_from_yaml(document):
    assert yaml.safe_load(form.render(document, "yaml")) == document


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_what_neither_form_can_hold_is_replaced(kind):
    rendered = form.render({"\ud83d": ["a\udc00", float("nan"), float("-inf")]}, kind)
    rendered.encode()
    assert yaml.safe_load(rendered) == {"\ufffd": ["a\ufffd", "NaN", "-INF"]}


# --- what the pages say ------------------------------------------------------------------------------------------


def test_docs_source():
    found = openapi(loaded(DOCS))
    assert found["info"] == {"title": "Contoso photos API", "version": "v1.0"}
    assert found["servers"] == [{"url": "https://photos.contoso.com/v1.0"}]
    assert {path: sorted(item) for path, item in found["paths"].items()} == {
        "/me": ["get"],
        "/me/photos": ["get", "post"],
        "/me/photos/{id}": ["delete", "get", "patch"],
        "/me/photos/{id}/$value": ["get"],
        "/users/{id}": ["get"],
        "/users/{id}/photos": ["get"],
    }
    create = found["paths"]["/me/photos"]["post"]
    assert create["operationId"] == "post_me_photos"
    assert create["x-docassay-source"] == ["api/profilephoto-create.md:28"]
    body = create["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"]["required"] == ["contentBytes", "contentType", "displayName"]
    assert list(body["content"]["application/json"]["examples"]) == ["create_profilephoto"]
    assert list(create["responses"]) == ["201"]
    assert create["responses"]["201"]["headers"]["Location"]["example"].startswith("https://photos.contoso.com/")
    assert create["security"] == [{"delegated-work": ["Photo.ReadWrite"]}]
    get = found["paths"]["/me/photos/{id}"]["get"]
    assert (get["parameters"][0]["name"], get["parameters"][0]["example"]) == ("id", "240x240")
    assert list(get["responses"]) == ["200", "404"]
    image = found["paths"]["/me/photos/{id}/$value"]["get"]["responses"]["200"]["content"]
    assert image == {"image/png": {"schema": {"type": "string", "format": "binary"}}}
    patch = found["paths"]["/me/photos/{id}"]["patch"]
    assert [one["name"] for one in patch["parameters"]] == ["id", "If-Match"]
    assert patch["requestBody"]["content"]["application/json"]["schema"]["properties"]["caption"]["type"] == [
        "string", "null",
    ]  # fmt: skip


def test_types():
    schemas = openapi(loaded(DOCS))["components"]["schemas"]
    photo = schemas["contoso.photos.profilePhoto"]
    assert photo["description"].startswith("A photo of a user, with the properties that describe it.")
    assert photo["allOf"] == [{"$ref": "#/components/schemas/contoso.photos.entity"}]
    assert photo["properties"]["contentLength"] == {
        "type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1, "format": "int64",
        "description": "The length of the image in bytes. Read-only.", "readOnly": True,
        "x-docassay-source": ["resources/profilephoto.md:33", "resources/profilephoto.md:69"],
    }  # fmt: skip
    assert photo["properties"]["contentBytes"]["writeOnly"] is True
    assert photo["properties"]["contentBytes"]["contentEncoding"] == "base64"
    assert schemas["photoVisibility"]["enum"] == ["everyone", "organization", "nobody"]
    assert "- `nobody`: The owner alone." in schemas["photoVisibility"]["description"]
    assert schemas["contoso.photos.entity"]["discriminator"] == {
        "propertyName": "@odata.type",
        "mapping": {
            "#contoso.photos.profilePhoto": "#/components/schemas/contoso.photos.profilePhoto",
            "#contoso.photos.user": "#/components/schemas/contoso.photos.user",
        },
    }


def test_the_documentation_shows_what_comes_out():
    page = (ROOT / "docs" / "exports.md").read_text("utf-8")
    whole = loaded(DOCS)
    for language, name in (("yaml", "openapi"), ("json", "jsonschema")):
        shown = re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)
        assert shown is not None
        assert shown[1] in text(EXPORTS[name], whole), f"the {language} of docs/exports.md has drifted"


def verdicts(document: dict, name: str, value: object) -> bool:
    return Draft202012Validator({**document, "$ref": f"#/$defs/{name}"}).is_valid(value)


def test_json_schema_tells_types_apart():
    found = bundle(loaded(DOCS))
    entity = "contoso.photos.entity-or-derived"
    assert verdicts(found, entity, {"id": "1", "size": 7})
    assert not verdicts(found, entity, {"@odata.type": "#contoso.photos.profilePhoto", "size": 7})
    assert not verdicts(found, entity, {"id": 1})
    assert verdicts(found, "contoso.photos.profilePhoto", {"caption": None, "tags": ["a"]})
    assert not verdicts(found, "contoso.photos.profilePhoto", {"displayName": None})
    assert not verdicts(found, "post_me_photos.request", {"displayName": "a"})
    assert verdicts(found, "get_me_photos.200", {"value": [{"size": "1x1"}]})
    assert not verdicts(found, "get_me_photos.200", {"value": [{"size": 1}]})
    assert not verdicts(found, "get_me_photos.200", {})
    assert "x-docassay" not in json.dumps(found)
    assert found["$id"] == "urn:docassay:contract"


def op(line: str, more: str = "") -> str:
    return "# Do it\n\n## HTTP request\n\n" + ignored(line) + more


def test_paths_that_differ_in_names_alone_are_one(tmp_path):
    found = openapi(written(tmp_path, a=op("GET /a/{x}/b/{y}"), b=op("POST /A/{id}/b/{n}"), c=op("PUT /a/{id}/b/{n}")))
    ((path, item),) = found["paths"].items()
    assert path == "/A/{id}/b/{n}"
    assert list(item) == ["get", "put", "post"]
    assert [[one["name"] for one in operation["parameters"]] for operation in item.values()] == [["id", "n"]] * 3


def test_two_pages_on_one_operation(tmp_path):
    permissions = "## Permissions\n\n" + table("Permission type|Permissions", "Application|{}")
    body = "## Request body\n\n" + table("Property|Type|Description", "{}|String|Required.")
    one = op("PATCH /a", permissions.format("A.Read") + body.format("x") + "## Response\n\nReturns `200 OK`.\n")
    two = op("PATCH /a", permissions.format("B.Read") + body.format("y") + "## Response\n\nReturns `202 Accepted`.\n")
    found = openapi(written(tmp_path, one=one, two=two))["paths"]["/a"]["patch"]
    assert found["x-docassay-source"] == ["one.md:7", "two.md:7"]
    assert found["security"] == [{"application": ["A.Read"]}, {"application": ["B.Read"]}]
    choices = found["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert [choice["required"] for choice in choices] == [["x"], ["y"]]
    assert list(found["responses"]) == ["200", "202"]


def test_a_primitive_stands_in_an_object_as_the_example_has_it(tmp_path):
    answer = note("response", **{"@odata.type": "Edm.Boolean"})
    answer += '```http\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{"value": true}\n```\n'
    found = openapi(written(tmp_path, a="# A\n\n" + request("a", "GET /check") + answer))
    schema = found["paths"]["/check"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"type": "object", "required": ["value"], "properties": {"value": {"type": "boolean"}}}


def test_each_part_of_a_page_speaks_of_its_own_operation(tmp_path):
    body = "### Request body\n\n" + table("Property|Type|Description", "name|String|Required.")
    page = "# Jobs\n\n## Create a job\n\n### HTTP request\n\n" + ignored("POST /jobs") + body
    page += "### Response\n\nReturns `201 Created`.\n\n## Delete a job\n\n### HTTP request\n\n"
    page += ignored("DELETE /jobs/{id}") + "### Response\n\nReturns `204 No Content`.\n"
    paths = openapi(written(tmp_path, a=page))["paths"]
    create, delete = paths["/jobs"]["post"], paths["/jobs/{id}"]["delete"]
    assert [(one["summary"], list(one["responses"])) for one in (create, delete)] == [
        ("Create a job", ["201"]),
        ("Delete a job", ["204"]),
    ]
    assert ("requestBody" in create, "requestBody" in delete) == (True, False)


def test_a_version_in_the_path_is_that_of_the_service_root(tmp_path):
    page = op("GET /v3/jobs/{id}", "## Example\n\n" + request("a", "GET https://api.example/v3/jobs/7"))
    found = openapi(written(tmp_path, a=page))
    assert (found["servers"], list(found["paths"])) == ([{"url": "https://api.example/v3"}], ["/jobs/{id}"])


def test_the_one_host_whose_requests_pages_list_is_the_service(tmp_path):
    relative = "".join(request(f"r{number}", "GET /jobs") for number in range(3))
    far = request("up", "GET https://upload.example/x/1") + request("a", "GET https://api.example/jobs/7")
    found = openapi(written(tmp_path, a=op("GET /jobs\nGET /jobs/{id}", "## Example\n\n" + relative + far)))
    assert found["servers"] == [{"url": "https://api.example"}]


def test_tables_for_several_callers_are_alternatives(tmp_path):
    rows = ["zone|String|Required.", "name|String|Required."]
    body = "## Request body\n\n" + "\nFor others.\n\n".join(
        table("Property|Type|Description", *rows[:n]) for n in (1, 2)
    )
    schema = openapi(written(tmp_path, a=op("POST /a", body)))["paths"]["/a"]["post"]["requestBody"]["content"]
    assert schema["application/json"]["schema"]["required"] == ["zone"]


def test_a_body_may_be_a_map_of_what_the_table_describes(tmp_path):
    body = "## Request body\n\n" + table("Property|Type|Description", "value|String|Required.")
    shown = note("request", name="a") + "```http\nPATCH /a\nContent-Type: application/json\n\n"
    shown += '{"mine": {"value": "x"}}\n```\n'
    found = openapi(written(tmp_path, a=op("PATCH /a", body + "\n## Example\n\n" + shown)))
    schema = found["paths"]["/a"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"]["required"] == ["value"]


def test_what_openapi_cannot_hold_is_named(tmp_path):
    elsewhere = "# D\n\n" + request("d", "GET https://upload.example/session/1")
    own = (
        "## Example\n\n"
        + request("c", "GET https://api.example/v1.0/c")
        + request("c2", "GET https://api.example/v1.0/c")
    )
    found = openapi(written(tmp_path, a=op("MERGE /a"), b=op("GET /a/.../b"), c=op("GET /c", own), d=elsewhere))
    assert found["x-docassay-left-out"] == [
        "a.md:7: MERGE /a: OpenAPI has no such method",
        "b.md:7: GET /a/.../b: its path is shortened",
        "d.md:5: GET https://upload.example/session/1: it is no path of the documented service",
    ]
    assert list(found["paths"]) == ["/c"]


def test_null_is_allowed_where_an_example_shows_it(tmp_path):
    rows = table("Property|Type|Description", "a|String|x", "b|String|x", "c|String|Not nullable.")
    types = "# T\n\n## Properties\n\n" + rows + resource("x.t", {"a": "String", "b": "String", "c": "String"})
    example = request("r", "GET /a") + note("response", **{"@odata.type": "x.t"})
    example += '```http\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{"a": null, "c": null}\n```\n'
    found = bundle(written(tmp_path, t=types, op=op("GET /a", "## Example\n\n" + example)))["$defs"]["x.t"]
    kinds = {name: one["type"] for name, one in found["properties"].items()}
    assert kinds == {"a": ["string", "null"], "b": "string", "c": "string"}


def test_null_is_allowed_where_a_base_type_or_a_derived_one_allows_it(tmp_path):
    rows = table("Property|Type|Description", "a|String|{}", "b|String|{}")
    base = "# B\n\n## Properties\n\n" + rows.format("x", "May be null.") + resource("x.b", {"a": "String"})
    derived = "# D\n\n## Properties\n\n" + rows.format("May be null.", "x")
    whole = written(tmp_path, b=base, d=derived + resource("x.d", {"a": "String"}, baseType="x.b"))
    assert verdicts(bundle(whole), "x.d", {"a": None, "b": None})


def test_a_relationship_in_a_circle_is_any_object_in_openapi_only(tmp_path):
    rows = table("Relationship|Type|Description", "b|[x.b](b.md)|To b.")
    back = table("Relationship|Type|Description", "as|[x.a](a.md) collection|Back.", "c|[x.c](c.md)|Out.")
    pages = {
        "a": "# a\n\n## Relationships\n\n" + rows + resource("x.a", {"id": "String"}),
        "b": "# b\n\n## Relationships\n\n" + back + resource("x.b", {"id": "String"}),
        "c": "# c\n\n" + resource("x.c", {"id": "String"}),
    }
    whole = written(tmp_path, **pages)
    schemas = openapi(whole)["components"]["schemas"]
    assert schemas["x.a"]["properties"]["b"]["anyOf"][0] == {"type": "object", "title": "x.b"}
    assert schemas["x.b"]["properties"]["c"]["anyOf"][0] == {"$ref": "#/components/schemas/x.c"}
    assert "$ref" not in json.dumps(schemas["x.b"]["properties"]["as"])
    assert bundle(whole)["$defs"]["x.a"]["properties"]["b"]["anyOf"][0] == {"$ref": "#/$defs/x.b"}


def test_several_members_of_an_enumeration(tmp_path):
    rows = table("Property|Type|Description", "a|String|Possible values are: `x`, `y`. Can be combined with commas.",
                 "b|String|Possible values are: `x`, `y`.")  # fmt: skip
    whole = written(tmp_path, t="# T\n\n## Properties\n\n" + rows + resource("x.t", {"a": "String"}))
    found = bundle(whole)
    for name, value, fits in (("a", "x", True), ("a", "x,y", True), ("a", "z", False), ("b", "x,y", False)):
        assert verdicts(found, "x.t", {name: value}) is fits, (name, value)


def test_names_that_openapi_does_not_allow(tmp_path):
    body = {"@odata.type": "x.t", "id": "String"}
    whole = written(tmp_path, t="# T\n\n" + resource("x.t t", body) + resource("x.t+t", body))
    assert sorted(openapi(whole)["components"]["schemas"]) == ["x.t-t", "x.t-t-2"]


def test_an_example_of_many_forms_is_written_once(tmp_path):
    example = request("r", "GET /me/a") + response("r", 200, 'Content-Type: application/json\n\n{"a": 1}')
    found = openapi(written(tmp_path, op=op("GET /me/a\nGET /users/{id}/a", "## Example\n\n" + example)))
    assert found["components"]["examples"] == {"r": {"value": {"a": 1}}}


# --- the command -------------------------------------------------------------------------------------------------


def docassay(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "docassay", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, **options)


@pytest.mark.parametrize(
    ("name", "file", "begins"),
    [
        ("openapi", None, "openapi: 3.1.0\n"),
        ("openapi", "api.yaml", "openapi: 3.1.0\n"),
        ("openapi", "api.YML", "openapi: 3.1.0\n"),
        ("openapi", "api.json", '{\n  "openapi": "3.1.0"'),
        ("jsonschema", None, '{\n  "$schema"'),
        ("jsonschema", "contract.json", '{\n  "$schema"'),
        ("jsonschema", "contract.yaml", "$schema: "),
    ],
)
def test_the_name_of_the_file_chooses_the_form(name, file, begins, tmp_path):
    done = docassay("export", name, DOCS, *(["-o", tmp_path / file] if file else []))
    assert (done.returncode, done.stderr) == (0, "")
    assert (done.stdout if file is None else (tmp_path / file).read_text("utf-8")).startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "opnapi", "docs"], "did you mean 'openapi'?"),
        (["export", "raml", "docs"], "valid: jsonschema, openapi"),
        (["export", "openapi", "nowhere"], "nowhere"),
        (["export", "openapi", "empty"], "there is no Markdown page"),
        (["export", "openapi", "plain"], "nothing to export"),
        (["export", "openapi", "docs", "-o", "missing/api.yaml"], "missing/api.yaml"),
        (["export", "openapi", "docs", "-o", "plain"], "plain"),
        (["export"], "FORMAT"),
        (["export", "openapi"], "name the folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments, says, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "plain").mkdir()
    (tmp_path / "docs" / "a.md").write_text(op("GET /a"), "utf-8")
    (tmp_path / "plain" / "a.md").write_text("# A\n\nWords.\n", "utf-8")
    done = docassay(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


# --- real tools --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prism(tmp_path_factory) -> Path:
    """Prism, as npm has it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, which is not there")
    folder = tmp_path_factory.mktemp("prism")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "@stoplight/prism-cli@5"],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"needs Prism, which npm did not install: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


@pytest.fixture
def mocked(prism, tmp_path) -> Iterator[object]:
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str) -> str:
        file = tmp_path / f"{name}.yaml"
        file.write_text(text(EXPORTS["openapi"], loaded(DOCS if name == "docs_source" else shared("corpora") / name)))
        port = free_port()
        command = [shutil.which("node") or "node", str(prism), "mock", "-h", "127.0.0.1", "-p", str(port), str(file)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if answer(f"http://127.0.0.1:{port}/")[0]:
                return f"http://127.0.0.1:{port}"
            time.sleep(0.3)
        raise AssertionError("Prism did not start")

    yield start
    for one in started:
        one.kill()
        one.wait()


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answer(
    url: str, method: str = "GET", body: bytes | None = None, media: str = "application/json"
) -> tuple[int, bytes]:
    headers = {"Authorization": "Bearer x", "Content-Type": media}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as got:
            return got.status, got.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


@pytest.mark.slow
def test_prism_mocks_docs_source(mocked):
    root = mocked("docs_source")
    status, body = answer(f"{root}/me")
    assert (status, json.loads(body)["displayName"]) == (200, "Sample User")
    status, body = answer(f"{root}/users/somebody/photos")
    assert (status, list(json.loads(body))) == (200, ["@odata.context", "value"])
    assert answer(f"{root}/me/photos/48x48/$value")[0] == 200
    assert answer(f"{root}/me/photos/48x48", "DELETE")[0] == 204
    assert answer(f"{root}/me/photos", "POST", b'{"displayName": 1}')[0] == 422
    good = b'{"displayName": "a", "contentType": "image/png", "contentBytes": "iVBORw0KGgo="}'
    assert answer(f"{root}/me/photos", "POST", good)[0] == 201


@pytest.mark.slow
def test_prism_mocks_onedrive(mocked):
    root = mocked("onedrive")
    status, body = answer(f"{root}/me/drive/root/search(q='words')")
    assert (status, len(json.loads(body)["value"])) == (200, 2)
    status, body = answer(f"{root}/me/drive/root:/report.txt")
    assert (status, json.loads(body)["name"]) == (200, "OneDrive")
    assert answer(f"{root}/me/drive/items/1:/a.txt:/content", "PUT", b"words", "application/octet-stream")[0] in (
        200,
        201,
    )
    assert answer(f"{root}/me/drive/items/1", "DELETE")[0] == 204


@pytest.mark.slow
def test_schemathesis_reads_them(tmp_path):
    """Schemathesis is a pytest plugin too: it gets an environment of its own."""
    made = subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], capture_output=True, timeout=120)
    python = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [python, "-m", "pip", "install", "-q", "schemathesis>=4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600) if made.returncode == 0 else made
    if done.returncode:
        pytest.skip(f"needs schemathesis, which pip did not install: {str(done.stderr).strip()[-200:]}")
    for name in ("docs_source", "onedrive"):
        folder = DOCS if name == "docs_source" else ROOT.parent / "shared" / "corpora" / name
        if not folder.exists():
            continue
        whole = loaded(folder)
        file = tmp_path / f"{name}.yaml"
        file.write_text(text(EXPORTS["openapi"], whole), "utf-8")
        count = sum(len(item) for item in openapi(whole)["paths"].values())
        code = (
            "import schemathesis, sys\n"
            "found = list(schemathesis.openapi.from_path(sys.argv[1]).get_all_operations())\n"
            "print(len([one.ok() for one in found]))\n"
        )
        done = subprocess.run([python, "-c", code, file], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout.strip()) == (0, str(count)), done.stderr
