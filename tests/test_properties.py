"""What holds for every page, whatever is on it. Hypothesis makes the pages: raw text, and fragments of real ones."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docassay import contract, docset, inventory, pipeline, schema, source
from docassay.config import Config
from docassay.docset import DocSet
from docassay.findings import Finding
from docassay.model import Response
from docassay.pipeline import Loaded

settings.register_profile("pages", deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
EMPTY = Path(tempfile.gettempdir(), "docassay-no-such-folder")


def limited(count: int):
    return settings(settings.get_profile("pages"), max_examples=count)


# --- pages made of fragments -------------------------------------------------------------------------------------

NAMES = ["get_photo", "create photo", "../../x", "a", "A", "", "é", "request-1"]
TYPES = ["x.photo", "photo", "#x.photo", "Collection(x.photo)", "collection(photo)", "x.base", "x.size", "other", "a b", ""]
PROPERTIES = ["id", "name", "size", "width", "tags", "value", "a/b", "m~n", "@odata.type", "photo@odata.bind", "0", ""]
BLOCK_TYPES = ["request", "response", "resource", "example", "ignored", "samples", "simulatedResponse", "Request", "nope"]
CELLS = ["id", "name", "size", "String", "Int32", "Boolean", "[size](size.md)", "String collection", "DateTimeOffset",
         "Required.", "Optional. Nullable.", "Not nullable.", "Possible values are: `a`, `b`.", "x.photo", "", "`a\\|b`",
         "Read-only.", "**TODO: Add Description**", "string (url)", "yes"]  # fmt: skip
HEADINGS = ["# Photo", "# size enum", "## HTTP request", "## Request body", "## Properties", "## Relationships",
            "### size values", "## Members", "# [HTTP](#tab/http)", "Response\n---", "## Examples"]  # fmt: skip
PROSE = ["Inherits from [base](base.md).", "The following properties are required.", "TODO: say more", "plain words",
         "[a](b.md) `[c](d.md)` ![e](f.png 'g')", "[ref]: r.md", "> [!NOTE]\n> Beware.", "---", "If 404, it is not there.",
         "<div>\n<!-- inside -->\n</div>", "<!-- a note -->", "<!-- { for people } -->", '<!-- {"type": "#page.annotation"} -->',
         "<details><summary>x</summary>", "    indented code", "- item", "1. item", "**Note:** text", "-->", "\\[a](b.md)",
         "text <!-- {\"blockType\": \"ignored\"} -->", "<!-- never closed", "\t<!-- x -->", "\u2028", "| a |\n|---|"]  # fmt: skip

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["String", "String (timestamp)", "x.photo", "a | b", "2020-01-01T00:00:00Z", "", "a", "b"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PROPERTIES), inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(PROPERTIES), values, max_size=5)


@st.composite
def broken(draw, text: str) -> str:
    """The text, or the text with one thing wrong."""
    how = draw(st.integers(0, 9))
    at = draw(st.integers(0, max(len(text) - 1, 0)))
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[:at] + draw(st.sampled_from(["{", "}", "[", ",", '"', "'", "\n", "...", "//", "“", "\\", "\xa0"])) + text[at:]
    if how == 2:
        return text[:at]
    if how == 3:
        return text.replace("}", ",}").replace("true", "True")
    return text


@st.composite
def json_texts(draw, what=objects | st.lists(objects, max_size=3)) -> str:
    text = json.dumps(draw(what), indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans()))
    return draw(broken(text))


@st.composite
def annotations(draw) -> str:
    keys = {
        "blockType": st.sampled_from(BLOCK_TYPES),
        "name": st.sampled_from(NAMES) | st.lists(st.sampled_from(NAMES), max_size=2),
        "@odata.type": st.sampled_from(TYPES),
        "isCollection": st.sampled_from([True, False, "true"]),
        "truncated": st.booleans(),
        "collectionProperty": st.sampled_from(["value", "items", ""]),
        "optionalProperties": st.lists(st.sampled_from(PROPERTIES), max_size=2),
        "keyProperty": st.sampled_from(["id", ""]),
        "nonsense": values,
    }
    chosen = draw(st.sets(st.sampled_from(sorted(keys)), max_size=5)) | {"blockType"}
    data = {key: draw(keys[key]) for key in keys if key in chosen}
    text = draw(broken(json.dumps(data, indent=draw(st.sampled_from([None, 2])))))
    return f"<!-- {text} -->"


@st.composite
def messages(draw) -> str:
    first = draw(
        st.sampled_from(
            ["GET /a", "POST https://x.example/v1.0/photos", "HTTP/1.1 200 OK", "HTTP/1.1 204 No Content", "HTTP 201 Created",
             "POST https://x.example/beta** Collection URI for X.y not found", "get /a?x=y z", "PATCH", "{", "", "/a"]
        )
    )  # fmt: skip
    lines = [first, *draw(st.lists(st.sampled_from(["Content-Type: application/json", "Accept: x", "bad header", "  folded"]), max_size=2))]
    if draw(st.booleans()):
        lines.insert(1, "")
    if draw(st.booleans()):
        lines += ["", draw(json_texts())]
    elif draw(st.booleans()):
        lines += [draw(json_texts())]
    return "\n".join(lines)


@st.composite
def fences(draw) -> str:
    mark = draw(st.sampled_from(["```", "~~~~"]))
    info = draw(st.sampled_from(["http", "json", " http", "", "HTTP", "csharp"]))
    content = draw(messages() | json_texts() | st.text(max_size=20))
    end = draw(st.sampled_from([mark, mark, mark, mark, mark, ""]))
    return f"{mark}{info}\n{content}\n{end}"


@st.composite
def tables(draw) -> str:
    header = draw(st.sampled_from(["Property|Type|Description", "Name|Type|Required?", "Member|Value", "Relationship|Type", "x"]))
    rows = draw(st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4), max_size=4))
    rule = "|".join([":--"] * (header.count("|") + 1))
    return "\n".join([f"|{header}|", f"|{rule}|", *("|" + "|".join(row) + "|" for row in rows)])


@st.composite
def contained(draw, fragment: str) -> str:
    """The fragment at the top level, in a list item, or in a block quote."""
    how = draw(st.integers(0, 9))
    lines = fragment.split("\n")
    if how == 0:
        return "- " + "\n  ".join(lines)
    if how == 1:
        return "> " + "\n> ".join(lines)
    return fragment


@st.composite
def annotated(draw) -> str:
    gap = draw(st.sampled_from(["\n", "\n", "\n\n", "\n\n\n", "\n\n## Request\n\n", "\n\ntext\n\n", "\n# [HTTP](#tab/http)\n"]))
    return draw(annotations()) + gap + draw(fences())


@st.composite
def pages(draw) -> str:
    single = annotated() | annotated() | annotated() | fences() | tables() | st.sampled_from(HEADINGS) | st.sampled_from(PROSE)
    parts = [draw(contained(part)) for part in draw(st.lists(single, max_size=8))]
    text = draw(st.sampled_from(["\n", "\n\n"])).join(parts)
    return draw(st.sampled_from(["", "---\ntitle: x\n---\n"])) + text


# --- how they are checked ----------------------------------------------------------------------------------------


def load(pages: dict[str, str | bytes]) -> Loaded:
    """The pages as a folder on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in pages.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            Path(folder, name).write_bytes(data)
        return pipeline.load([Path(folder)], Config())


def check(loaded: Loaded) -> tuple[Finding, ...]:
    return pipeline.check(loaded, Config()).findings
