"""What descriptions say of null, and of several members. The members themselves: `test_contract.py`."""

from __future__ import annotations

import pytest

from docassay import descriptions

MAY = [
    "Nullable.", "May be null.", "Can be `null`.", "It's null by default.", "null if there is none.",
    "Nullable. Not null for members.", "Not nullable for users; null for groups.",
    "It's never null for members, but may be null for guests.", "Set to `null` to clear it. Not nullable on create.",
    "Is not null if a is set.", "Not null when a is set; otherwise null.", "Value is not null only for guests.",
    "Supports `$filter` (`eq`, `ne`, and `eq` on `null` values).",
]  # fmt: skip
NOT = [
    "Not nullable.", "Never null.", "Cannot be null.", "It can't be `null`.", "Non-nullable.", "Nonnull.",
    "Null is not allowed.", "Null isn't a valid value.", "`null` values are not supported.", "No null values.",
    "Cannot be empty or null.", "Neither null nor empty.", "Never empty or null.", "Cannot ever be null.",
    "It mustn't be null.", "Doesn't return null.", "Not **null**.", "Nullable: no.", "nullable = false",
    "Nulls are not allowed.", "Do not use null.", "Supports `$filter` (`eq` on null values). Not nullable.",
]  # fmt: skip
SILENT = ["The size.", "A null-terminated text.", "May hold null bytes."]


@pytest.mark.parametrize(
    ("text", "said"), [*((one, True) for one in MAY), *((one, False) for one in NOT), *((one, None) for one in SILENT)]
)
def test_whether_null_may_be_there(text, said):
    assert descriptions.may_be_null(text, text.lower()) is said


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("A comma-separated list of what changed.", True),
        ("Multiple values can be combined.", True),
        ("An enumeration of flags.", True),
        ("A multi-valued enumeration.", True),
        ("It can have more than one value.", True),
        ("One of these.", False),
        ("The flag of the country.", False),
    ],
)
def test_whether_a_value_may_have_several_members(text, several):
    assert descriptions.lists_several(text) is several
