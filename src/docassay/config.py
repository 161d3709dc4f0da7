"""`[tool.docassay]` of pyproject.toml -> Config. An unknown key is an error that lists the valid ones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from .wording import aside, nearest


class ConfigError(Exception):
    """A setting that cannot be used; the text is one sentence for the user."""


Strength = Literal["error", "warning", "note", "off"]


class PathSettings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """Settings for the pages whose path fits a pattern."""

    path: str
    """`*` stands for anything, `/` included."""
    ignore: tuple[str, ...] = ()
    levels: dict[str, Strength] = {}
    front_matter: tuple[str, ...] = ()
    """Keys that the front matter has to have."""
    headings: tuple[str, ...] = ()
    """Headings below the title, in their order: `Example*` stands for all that begin so, and `Remarks?` may lack."""


class Config(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """The settings of a project. Options of the command line come before them."""

    docs: tuple[str, ...] = ()
    """The documentation, where no PATH is given."""
    exclude: tuple[str, ...] = ()
    """Pages to leave out, relative to their PATH; `*` stands for anything, `/` included."""
    cassettes: str = "cassettes"
    """The folder of the recordings."""
    service_roots: tuple[str, ...] = ()
    """The documented URIs that stand for the service, such as `https://graph.microsoft.com/v1.0`."""
    bind: dict[str, str] = {}
    """Values for what the pages leave open, as `--bind` takes them."""
    select: tuple[str, ...] = ()
    """Rules to run, by code or its beginning; all if empty."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out."""
    levels: dict[str, Strength] = {}
    """Another level for a rule, by code, its beginning, or slug."""
    paths: tuple[PathSettings, ...] = ()
    """Other settings for some pages; the last one that fits counts."""
    baseline: str = ""
    """The file of known findings."""
    infer: bool = False
    """Whether fences that plainly hold HTTP are read as if they were annotated."""
    timeout: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 10.0
    """Seconds to wait for the target before a case fails."""
    root: str = "."
    """The folder of the pyproject.toml; relative settings start there. Not for the file itself."""


def load(start: Path) -> Config:
    """The settings of the nearest pyproject.toml at or above `start` that has any; the defaults if there is none.

    Raises ConfigError.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            table = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("docassay")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{file.as_posix()}: cannot be read: {error}") from error
        if table is not None and not isinstance(table, dict):
            raise ConfigError(f"{file.as_posix()}: [tool.docassay] has to be a table")
        if table is not None:
            return parse(table, file)
    return Config()


def parse(table: Mapping[str, Any], file: Path) -> Config:
    """The settings in a table.

    Raises ConfigError.
    """
    keys = [field.encode_name for field in msgspec.structs.fields(Config) if field.name != "root"]
    for key in table:
        if key not in keys:
            guess = aside(nearest(key, keys))
            raise ConfigError(
                f"{file.as_posix()}: [tool.docassay] has no key '{key}'{guess} (valid: {', '.join(keys)})"
            )
    settings = {**table, "root": file.parent.as_posix()}
    for key in ("docs", "exclude", "service-roots", "select", "ignore"):
        if isinstance(settings.get(key), str):
            settings[key] = [settings[key]]
    listed = settings.get("paths")
    own = [field.encode_name for field in msgspec.structs.fields(PathSettings)]
    for one in [settings, *(listed if isinstance(listed, list) else ())]:
        if not isinstance(one, dict):
            continue
        for key in one if one is not settings else ():
            if key not in own:
                where = f"{file.as_posix()}: [[tool.docassay.paths]]"
                raise ConfigError(f"{where} has no key '{key}'{aside(nearest(key, own))} (valid: {', '.join(own)})")
        levels = one.get("levels")
        for rule, level in levels.items() if isinstance(levels, dict) else ():
            if level not in get_args(Strength):
                valid = ", ".join(get_args(Strength))
                raise ConfigError(f"{file.as_posix()}: levels: '{rule}' cannot be {level!r} (valid: {valid})")
    try:
        return msgspec.convert(settings, Config)
    except msgspec.ValidationError as error:
        said = re.sub(r" - at `\$\.(.*)`", r", in '\1'", str(error)).replace("`", "")
        raise ConfigError(f"{file.as_posix()}: [tool.docassay]: {said}") from error
