"""The two laws: stages in layers that only look back, and one home for each outside library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "docassay"

# Each stage may import the stages above it, and none below. A folder stands for all of its files.
LAYERS = (
    "model", "wording", "tolerant", "jsontext", "findings", "config", "source", "markdown", "messages", "block_types",
    "annotate", "infer", "typenames", "descriptions", "templates", "contract", "formats", "schema",
    "verdict", "parallel", "suppressions", "links",
    "includes", "docset", "fixes", "cases", "operations", "replay", "cassettes", "rules", "cache", "checking",
    "baseline", "revisions", "pipeline", "inventory", "reports", "exports", "testing", "pytest_plugin", "cli",
    "__main__",
)  # fmt: skip

# The only modules that may know an outside library.
HOMES = {
    "markdown_it": {"markdown"},
    "jsonschema": {"schema"},
    "referencing": {"schema"},
    "requests": {"replay"},
    "urllib3": {"replay"},
    "vcr": {"cassettes"},
    "pytest": {"pytest_plugin"},
    "click": {"cli", "reports"},
    "yaml": {"docset", "exports"},
    "multiprocessing": {"parallel"},
    "platformdirs": {"cache"},
    "subprocess": {"revisions"},
    "werkzeug": set(),
}


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def stage(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, own ones as `docassay.<name>`, those for type checkers only left out."""
    found: set[str] = set()
    package = ("docassay", *path.relative_to(SOURCE).parts[:-1])
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            whole = ".".join(part for part in (base, node.module) if part)
            found.add(whole)
            found.update(f"{whole}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_stage_looks_back_only(path):
    mine = LAYERS.index(stage(path))
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "docassay" and len(parts) > 1 and parts[1] in LAYERS:
            assert LAYERS.index(parts[1]) <= mine, f"{stage(path)} imports {parts[1]}, which comes after it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_library_has_one_home(path):
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in HOMES or stage(path) in HOMES[top], f"{stage(path)} imports {top}"


def test_every_stage_has_its_layer():
    assert {stage(path) for path in modules()} == set(LAYERS)


def test_values_are_frozen():
    import msgspec

    from docassay import findings, model

    for module in (model, findings):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct):
                assert value.__struct_config__.frozen, value


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_public_thing_is_described(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name}"
