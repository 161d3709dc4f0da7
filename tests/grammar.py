"""A grammar of pages with the faults that real ones have: each fragment is made from one number."""

from __future__ import annotations

import json
from random import Random
from typing import Any

NAMES = ("get_photo", "create photo", "../../x", "a", "A", "", "é", "request-1")
TYPES = (
    "x.photo",
    "photo",
    "#x.photo",
    "Collection(x.photo)",
    "x.base",
    "x.size",
    "size",
    "elsewhere",
    "a b",
    "a/b",
    "é%20",
)
PROPERTIES = ("id", "name", "size", "width", "tags", "value", "a/b", "m~n", "@odata.type", "photo@odata.bind", "0", "")
BLOCK_TYPES = ("request", "response", "resource", "example", "ignored", "samples", "simulatedResponse", "Request", "no")
CELLS = ("id", "name", "size", "String", "Int32", "Boolean", "[size](size.md)", "String collection", "DateTimeOffset",
         "Required.", "Optional. Nullable.", "Not nullable.", "Possible values are: `a`, `b`.", "x.photo", "", "yes",
         "`a\\|b`", "Read-only.", "**TODO: Add Description**", "string (url)", "[] collection")  # fmt: skip
HEADINGS = ("# Photo", "# size enum", "## HTTP request", "## Request body", "## Properties", "## Relationships",
            "### size values", "## Members", "# [HTTP](#tab/http)", "Response\n---", "## Examples")  # fmt: skip
PROSE = ("Inherits from [base](base.md).", "The following properties are required.", "TODO: say more", "plain words",
         "[a](b.md) `[c](d.md)` ![e](f.png 'g')", "[ref]: r.md", "> [!NOTE]\n> Beware.", "---", "A 404 tells you so.",
         "<div>\n<!-- inside -->\n</div>", "<!-- a note -->", "<!-- { for people } -->", "<details>", "-->", "```",
         '<!-- {"type": "#page.annotation"} -->', "    indented code", "- item", "1. item", "**Note:** text",
         'text <!-- {"blockType": "ignored"} -->', "<!-- never closed", "\t<!-- tab -->", "\u2028", "| a |\n|---|",
         "<!-- docassay: ignore DA402 because -->", "<<<<<<< HEAD", "\\[a](b.md)")  # fmt: skip
STRINGS = ("String", "String (timestamp)", "x.photo", "a | b", "2020-01-01T00:00:00Z", "", "a", "b", "é", "…")
FIRST_LINES = ("GET /a", "GET /a", "POST https://x.example/v1.0/photos", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "",
               "HTTP/1.1 204 No Content", "HTTP 201 Created", "{", "/a", "get /a?x=y z", "PATCH",
               "POST https://x.example/beta** Collection URI for X.y not found")  # fmt: skip
FIELDS = ("Content-Type: application/json", "Accept: x", "bad header", "  folded", "Location:")


def a_value(chance: Random, depth: int = 3) -> Any:
    """A JSON value with the names and the sample values of real pages."""
    kind = chance.randrange(9 if depth else 6)
    if kind > 6:
        return an_object(chance, depth - 1)
    if kind == 6:
        return [a_value(chance, depth - 1) for _ in range(chance.randrange(3))]
    return (None, True, chance.randrange(-9, 2**33), 0.5, chance.choice(STRINGS), "2021-02-30")[kind]


def an_object(chance: Random, depth: int = 3) -> dict[str, Any]:
    return {chance.choice(PROPERTIES): a_value(chance, depth) for _ in range(chance.randrange(5))}


def broken(chance: Random, text: str) -> str:
    """The text, half of the time with one thing wrong."""
    at = chance.randrange(len(text) + 1)
    insert = chance.choice(("{", "}", "[", ",", '"', "'", "\n", "...", "//", "“", "\\", "\xa0", "<", "\ud800"))
    wrong = (text[:at] + text[at + 1 :], text[:at] + insert + text[at:], text[:at], text.replace("}", ",}"))
    return chance.choice((*wrong, text, text, text, text))


def json_text(chance: Random) -> str:
    value = [an_object(chance) for _ in range(chance.randrange(3))] if chance.random() < 0.2 else an_object(chance)
    if chance.random() < 0.3:
        value = {"value": [an_object(chance) for _ in range(chance.randrange(3))]}
    return broken(chance, json.dumps(value, indent=chance.choice((None, 2)), ensure_ascii=chance.random() < 0.5))


def annotation(chance: Random) -> str:
    data = {
        "blockType": chance.choice(BLOCK_TYPES),
        "name": chance.choice((*NAMES, [chance.choice(NAMES), chance.choice(NAMES)])),
        "@odata.type": chance.choice(TYPES),
        "isCollection": chance.choice((True, False, "true")),
        "truncated": chance.random() < 0.5,
        "collectionProperty": chance.choice(("value", "tags", "")),
        "optionalProperties": [chance.choice(PROPERTIES)],
        "keyProperty": chance.choice(("id", "")),
        "baseType": chance.choice((*TYPES, "x.base", None)),
        "nonsense": a_value(chance, 1),
    }
    kept = {key: value for key, value in data.items() if key == "blockType" or chance.random() < 0.4}
    return f"<!-- {broken(chance, json.dumps(kept, indent=chance.choice((None, None, 2))))} -->"


def message(chance: Random) -> str:
    lines = [chance.choice(FIRST_LINES), *(chance.choice(FIELDS) for _ in range(chance.randrange(3)))]
    if chance.random() < 0.2:
        lines.insert(1, "")
    if chance.random() < 0.7:
        lines += ["", json_text(chance)] if chance.random() < 0.8 else [json_text(chance)]
    return "\n".join(lines)


def fence(chance: Random) -> str:
    mark = chance.choice(("```", "~~~~"))
    content = json_text(chance) if chance.random() < 0.3 else message(chance)
    end = mark if chance.random() < 0.95 else ""
    return f"{mark}{chance.choice(('http', ' http', 'json', '', 'HTTP', 'csharp'))}\n{content}\n{end}"


def example(chance: Random) -> str:
    gap = chance.choice(("", "", "\n", "\n\n", "\n## Request\n\n", "\ntext\n\n", "# [HTTP](#tab/http)\n"))
    return f"{annotation(chance)}\n{gap}{fence(chance)}"


def table(chance: Random) -> str:
    header = chance.choice(
        ("Property|Type|Description", "Name|Type|Required?", "Member|Value", "Relationship|Type", "x")
    )
    rows = ["|".join(chance.choice(CELLS) for _ in range(chance.randrange(1, 5))) for _ in range(chance.randrange(4))]
    rule = "|".join([":--"] * (header.count("|") + 1))
    return "\n".join(f"|{row}|" for row in (header, rule, *rows))


def fragment(seed: int) -> str:
    """One piece of a page: at the top level, in a list item or in a block quote."""
    chance = Random(seed)
    make = chance.choice((example, example, example, fence, table, None, None))
    text = make(chance) if make else chance.choice((*HEADINGS, *PROSE))
    return chance.choice((text,) * 8 + ("- " + text.replace("\n", "\n  "), "> " + text.replace("\n", "\n> ")))


def page(chance: Random) -> bytes:
    """A page of fragments, with front matter or without, often damaged as files are."""
    parts = [fragment(chance.randrange(2**32)) for _ in range(chance.randrange(12))]
    start = chance.choice(("", "", "---\ntitle: x\n---\n", "---\na: b: c\n---\n", "---\n", "\ufeff"))
    end = chance.choice(("\n", "\n", "\r\n", "\r"))
    text = start + chance.choice(("\n", "\n\n")).join(parts) + "\n"
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        text = damaged(chance, text)
    encoding = chance.choice(("utf-8",) * 8 + ("utf-16", "cp1252"))
    return text.replace("\n", end).encode(encoding, "replace" if encoding == "cp1252" else "surrogatepass")


def damaged(chance: Random, text: str) -> str:
    """The text with one of the faults that editing, merging and converting leave."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(12):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at] = "    " + lines[at]
        case 3:
            lines[at] = lines[at][: len(lines[at]) // 2]
        case 4:
            lines[at:at] = ["<<<<<<< HEAD", lines[at], "=======", "x", ">>>>>>> main"]
        case 5:
            lines.insert(
                at, chance.choice(("```", "~~~", "<!--", "-->", "<!-- {", "> ", "- ", "[!INCLUDE [x](page1.md)]"))
            )
        case 6:
            lines[at] = lines[at].replace('"', chance.choice(("'", "“", "", "\\")))
        case 7:
            lines[at] = lines[at].replace(" ", chance.choice(("\xa0", "\u200b", "", "\t", "\x00")))
        case 8:
            lines[at] += chance.choice(("\x00", "\ud800", "\u2028", "\x0c", "\x85", " ...", ",", "\\"))
        case 9:
            lines[at] = lines[at] * chance.choice((2, 50))
        case 10:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 11:
            lines = lines[:at]
    return "\n".join(lines)
