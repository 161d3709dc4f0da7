"""Request target -> Template: a path with holes, and which paths fit it. Also whether a page lists a request."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache

import msgspec

from . import messages, wording
from .model import Value

_HOLE = r"\{[^{}]*\}|<[^<>]*>"
_PIECE = re.compile(
    rf"(?P<hole>{_HOLE})|(?P<arguments>\((?:[^()'{{}}]|'[^']*'|\{{[^{{}}]*\}})*\))|[^{{<(]+|.", re.DOTALL
)
_ARGUMENT = re.compile(r"\s*(?:(?P<name>@?[\w.]+)\s*=\s*)?(?P<value>(?:[^,'{<]|'[^']*'|\{[^{}]*\}|<[^<>]*>|[{<'])*)")
_STANDS_FOR = re.compile(
    rf"(?P<before>[^'{{<]*)(?P<quote>'?)(?:{_HOLE})(?P=quote)|(?P<around>'?)[\w-]+[-_]value(?P=around)", re.IGNORECASE
)
_LITERAL_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-.*|[^/]*@[^/]*|\d+|(?=[^/]*\d)(?=[^/]*[A-Za-z])[\w!=%+-]{16,}", re.IGNORECASE
)
_GUID = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|:|$)", re.IGNORECASE)


class Hole(Value, frozen=True):
    """A place in a template that a caller fills in."""

    name: str
    alternatives: tuple[str, ...]
    sample: str = ""


class Template(Value, frozen=True):
    """A path with holes, relative to the service root."""

    path: str
    """Each hole as `{name}`, no two of one name."""
    holes: tuple[Hole, ...] = ()
    query: tuple[tuple[str, str], ...] = ()

    @property
    def shape(self) -> str:
        """See the function `shape`."""
        return shape(self.path)


_HOLE_NAME = re.compile(r"\{([^{}]*)\}")
MAX_TARGET = 2000
"""Characters of a request target; a longer one is no documentation."""
MOST_ALIKE = 200
"""Templates of other pages that an example is held against."""
MAX_HOLES = 2
"""Holes of one segment that a path is fitted to; more of them could share it out in too many ways."""


def read(target: str, roots: Sequence[str], functions: Iterable[str] = ()) -> Template | None:
    """The template that a request target is; None if it is none, or leads to another host.

    `functions`: the names of arguments that are parameters, even where the target has a value in their place.
    """
    if len(target) > MAX_TARGET or messages.unresolved(target) or "..." in target or "…" in target:
        return None
    whole = relative(target, roots)
    if whole is None:
        return None
    path, _, query = _cut(whole).partition("?")
    path = re.sub(r"/{2,}", "/", path.split("#", 1)[0]).rstrip("/") or "/"
    path = _GUID.sub(r"/{id=\1}", path)
    holes: list[Hole] = []
    parts = [_part(piece, holes, {name.lower() for name in functions}) for piece in _PIECE.finditer(path)]
    made, used = "", set[str]()
    pending = iter(holes)
    unique: list[Hole] = []
    for part in parts:
        for text in re.split(r"(\0)", part):
            if text == "\0":
                hole = next(pending)
                name = _unused(hole.name, made, used)
                used.add(name.lower())
                unique.append(msgspec.structs.replace(hole, name=name))
                made += f"{{{name}}}"
            else:
                made += text
    return Template(made, tuple(unique), tuple(_query(query)))


def relative(uri: str, roots: Sequence[str], target: str = "") -> str | None:
    """A request target relative to the service root; None if it names another host.

    Always begins with one `/`, so that nothing in it can change the origin that it is appended to.
    """
    uri = uri.strip()
    if not re.match(r"[a-z][a-z0-9+.-]*:|//", uri, re.IGNORECASE):
        path = "/" + uri.lstrip("/\\")
        version = next((way for root in roots if (way := _path_of_root(root)) and path.startswith(way + "/")), "")
        return path[len(version) :]  # pages write it with the version of the service root, or without
    for root in (*sorted(roots, key=len, reverse=True), target.rstrip("/")):
        if root and uri.lower().startswith(root.lower()) and uri[len(root) : len(root) + 1] in ("", "/", "?", "(", ":"):
            rest = uri[len(root) :]
            if rest.startswith(":") and "/" not in root.split("//", 1)[-1]:
                continue  # another port
            return "/" + rest.lstrip("/\\")
    return None


@lru_cache(64)
def _path_of_root(root: str) -> str:
    """The path of a service root, such as `/v1.0`."""
    return root.partition("://")[2].partition("/")[1] + root.partition("://")[2].partition("/")[2].rstrip("/")


def _cut(target: str) -> str:
    """The target up to the first blank outside of holes, quotes and brackets: authors put notes behind it."""
    if len(target.split(None, 1)) < 2 and target == target.strip():
        return target
    query = target.find("?")
    end = query if query >= 0 else len(target)
    depth, quoted = 0, False
    for index, char in enumerate(target[:end]):
        if char == "'":
            quoted = not quoted
        elif char in "{<(":
            depth += 1
        elif char in "}>)":
            depth -= 1
        elif char.isspace() and depth <= 0 and not quoted:
            return target[:index]
    return target


def _part(piece: re.Match[str], holes: list[Hole], functions: set[str]) -> str:
    """One piece of a path, each hole as `\\0`."""
    if piece["hole"]:
        holes.append(_hole(piece["hole"]))
        return "\0"
    if not piece["arguments"]:
        return piece.group().replace("\0", "").replace("{", "%7B").replace("}", "%7D").replace("<", "%3C")
    inside = piece["arguments"][1:-1]
    return "(" + ",".join(_argument(one, holes, functions) for one in _ARGUMENT.finditer(inside) if one.group()) + ")"


def _argument(match: re.Match[str], holes: list[Hole], functions: set[str]) -> str:
    name, value = match["name"] or "", match["value"].strip()
    quote = "'" if value.endswith("'") else ""
    prefix = f"{name}=" if name else ""
    if stands := _STANDS_FOR.fullmatch(value):
        before = stands["before"] or ""
        inner = _hole(value[len(before) :].strip("'"))
        names = dict.fromkeys((name, *inner.alternatives) if name else inner.alternatives)
        holes.append(Hole(next(iter(names)), tuple(names)))
        return f"{prefix}{before}{quote}\0{quote}"
    if name.lower() in functions:
        holes.append(Hole(name, (name,), value.strip("'")))
        return f"{prefix}{quote}\0{quote}"
    return prefix + value.replace("\0", "").replace("{", "%7B").replace("}", "%7D")


def _hole(text: str) -> Hole:
    """A hole as written, in braces or angle brackets or without; or one with the value that stands there."""
    if value := re.fullmatch(r"\{id=([0-9a-fA-F-]{36})\}", text):
        return Hole("id", ("id",), value[1])
    names = [_identifier(part) for part in re.split(r"\||\bor\b", text.strip("{}<> "))]
    names = [name for name in names if name] or ["value"]
    return Hole(names[0], tuple(dict.fromkeys(names)))


def _identifier(text: str) -> str:
    return re.sub(r"[^\w.$@-]+", "-", text.strip(), flags=re.ASCII).strip("-")


def _unused(name: str, path: str, used: set[str]) -> str:
    """The name of a hole; where the template has it already, with the segment before it, or a number."""
    if name.lower() not in used:
        return name
    words = re.findall(r"[A-Za-z]\w*", re.sub(r"\{[^{}]*\}", "", path).rpartition(":")[2])
    if words:
        named = f"{re.sub(r'(?<=[^s])s$', '', re.sub('ies$', 'y', words[-1]))}-{name}"
        if named.lower() not in used:
            return named
    return next(f"{name}-{number}" for number in range(2, len(used) + 3) if f"{name}-{number}".lower() not in used)


def _query(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("&"):
        name, _, value = part.partition("=")
        name = name.strip()
        if re.fullmatch(r"[$@]?[A-Za-z][\w.@-]*", name, re.ASCII):
            yield name, value.strip()


def with_keys(one: Template, keys: Collection[str]) -> Template:
    """A template whose segments that are sample keys are holes."""
    holes = {f"{{{hole.name}}}": hole for hole in one.holes}
    made, found = "", list[Hole]()
    for part in one.path.split("/")[1:]:
        if part in keys:
            name = _unused(
                "id", made, {hole.name.lower() for hole in one.holes} | {hole.name.lower() for hole in found}
            )
            found.append(Hole(name, (name,), part))
            part = f"{{{name}}}"
        else:
            found.extend(hole for text, hole in holes.items() if text in part)
        made += f"/{part}"
    return Template(made or "/", tuple(found), one.query)


class Index:
    """What all listed templates together say of a path: where they leave a segment open, and which words they use."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._prefixes: set[str] = set()
        self._words: set[str] = set()
        self._functions: dict[str, str] = {}
        self._alike: dict[tuple[str, str], list[Template]] = {}
        for one in templates:
            parts = one.shape.split("/")
            self._alike.setdefault((parts[1], parts[-1]), []).append(one)
            for part in one.path.split("/"):
                if "{" in part and _signature(part):
                    self._functions.setdefault(_signature(part), part)
            self._words.update(parts)
            self._prefixes.update("/".join(parts[: length + 1]) for length in range(1, len(parts)))

    def generalise(self, one: Template, keys: Collection[str] = ()) -> Template:
        """The template that an example stands for, by what others leave open, what looks like an id, and its `keys`."""
        if (found := self._known(one)) is not None:
            return found
        made = ""
        holes: list[Hole] = []
        own = {f"{{{hole.name}}}": hole for hole in one.holes}
        for part in one.path.split("/")[1:]:
            used = {hole.name.lower() for hole in holes}
            if "{" not in part and (function := self._functions.get(_signature(part) or "/")):
                values = re.findall(r"=([^,()]*)", part)
                for name, value in zip(_HOLE_NAME.findall(function), values, strict=False):
                    holes.append(Hole(_unused(name, made, used), (name,), value.strip("'")))
                    function = function.replace(f"{{{name}}}", f"{{{holes[-1].name}}}")
                part = function
            elif part.removesuffix(":") in keys or self._is_id(shape(made), part):
                value = part.removesuffix(":")
                holes.append(Hole(_unused("id", made, used), ("id",), value))
                part = f"{{{holes[-1].name}}}" + part[len(value) :]
            else:
                for text, hole in own.items():
                    if text in part:
                        holes.append(msgspec.structs.replace(hole, name=_unused(hole.name, made, used)))
                        part = part.replace(text, f"{{{holes[-1].name}}}")
            made += "/" + part
        return Template(made or "/", tuple(holes), one.query)

    def _known(self, one: Template) -> Template | None:
        """The template of another page, or with another method, that the path of an example fits."""
        parts = one.shape.split("/")
        closed = parts[-1] in self._words or re.search(r"\(|^\$", parts[-1])
        tails = [parts[-1]] if closed else [parts[-1], "{}"]
        path = as_sent(one)
        fitting = [
            (known, values)
            for tail in tails
            for known in self._alike.get((parts[1], tail), [])[:MOST_ALIKE]
            if (values := fits(known, path)) is not None
        ]
        if not fitting:
            return None
        known, values = min(fitting, key=lambda pair: (len(pair[1]), pair[0].path))
        holes = [
            msgspec.structs.replace(hole, sample="" if re.search(r"[{}<>]", values[hole.name]) else values[hole.name])
            for hole in known.holes
        ]
        return Template(known.path, tuple(holes), one.query)

    def _is_id(self, before: str, part: str) -> bool:
        if re.search(r"[{(]|^\$", part):
            return False
        name = part.removesuffix(":").lower()
        known = f"{before}/{part.lower()}" in self._prefixes or name in self._words
        return _LITERAL_ID.fullmatch(name) is not None or (f"{before}/{{}}" in self._prefixes and not known)


def _signature(part: str) -> str:
    """What calls of one function have in common: its name and those of its arguments."""
    return re.sub(r"=[^,()]*", "=", part).lower() if "(" in part and "=" in part else ""


def shape(path: str) -> str:
    """What two templates have in common that differ in the names of their holes and in letter case alone."""
    return re.sub(r"\{[^{}]*\}", "{}", path).lower()


def fits(one: Template, path: str) -> dict[str, str] | None:
    """The value of each hole in a path that fits the template; None if it does not fit.

    Letter case and the quotes of arguments make no difference. A hole whose name speaks of a path takes several
    segments; of such holes a template has one.
    """
    pattern = _pattern(one.path)
    match = pattern and pattern.fullmatch(path)
    return {hole.name: match[f"h{index}"] for index, hole in enumerate(one.holes)} if match else None


@cache
def _pattern(path: str) -> re.Pattern[str] | None:
    """What paths fit; None if a segment has so many holes that trying them would take too long."""
    if any(segment.count("{") > MAX_HOLES for segment in path.split("/")):
        return None
    found, holes, spans = "", 0, False
    for text in re.split(r"(\{[^{}]*\}|\([^()]*\))", path):
        if text.startswith("("):
            for part in re.split(r"(\{[^{}]*\})", text):
                if part.startswith("{"):
                    found += f"(?P<h{holes}>[^'()]*)"
                    holes += 1
                else:
                    found += re.escape(part).replace("'", "'?")
        elif text.startswith("{"):
            wide = "path" in text.lower() and not spans
            spans = spans or wide
            found += f"(?P<h{holes}>{'[^:]+' if wide else '[^/]+'})"
            holes += 1
        else:
            found += re.escape(text)
    return re.compile(found, re.IGNORECASE)


def as_sent(made: Template) -> str:
    """The path as an example has it, with the values that stand in its holes."""
    path = made.path
    for hole in made.holes:
        if hole.sample:
            path = path.replace(f"{{{hole.name}}}", hole.sample)
    return path


# --- what a page lists -------------------------------------------------------------------------------------------

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_VERSION = re.compile(r"/(?:v\d+(?:\.\d+)*|beta|alpha|preview|[{<](?:api-?)?ver(?:sion)?[}>])(?=/|$)", re.IGNORECASE)
_CAST = re.compile(r"[a-z]\w*(?:\.[a-z]\w*)+", re.IGNORECASE)
_KEY = re.compile(r"([\w}])\('?[^()'=/,]+'?\)(?=/|:|$)")
"""A key in parentheses, which may as well be a segment (OData URL conventions 4.01, 4.3)."""
_ARGUMENTS = re.compile(r"\([^()]*\)")
_SLASHES = re.compile(r"/{2,}")
_WIDE = re.compile(r"[{<][^{}<>/]*path", re.IGNORECASE)
_SEGMENT_HOLE = re.compile(
    rf"{_HOLE}|(?<=/)\([a-z][\w-]*\)(?=/|$)|(?<=/)[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}(?=/|$)"
)


def is_listed(target: str, listed: Sequence[str]) -> bool:
    """Whether one of the targets that a page lists has the path of another one.

    Origins, versions and queries make no difference, nor do the arguments of functions, the casts of OData, and whether
    a user is named or `me`.
    """
    steps = _steps(target)
    others = [_steps(one) for one in listed]
    if any(_is_alike(one, steps) for one in others):
        return True
    uncast = _uncast(steps)
    if any(_is_alike(_uncast(one), uncast) for one in others):
        return True
    path = _plain(target)
    made = read(path, ())
    if made is None:
        return True  # DA301 speaks of it
    known = (read(_plain(one), ()) for one in listed if _WIDE.search(one))
    return any(one is not None and fits(one, as_sent(made)) is not None for one in known)


def path_of(target: str) -> str:
    """What tells a request from others of its method: the path, without origin, version and query."""
    return _whole(target) or "/"


def are_variants(one: str, other: str) -> bool:
    """Whether two targets end alike: with the same segment, or with two ids behind the same one."""
    ends = [_steps(target)[-2:] for target in (one, other)]
    if ends[0][-1:] == ends[1][-1:]:
        return True
    return len(ends[0]) == len(ends[1]) == 2 and ends[0][0] == ends[1][0] != "{}"


def is_foreign(target: str, listed: Sequence[str]) -> bool:
    """Whether an absolute URI has no word of its path in common with the targets that a page lists."""
    if not _ORIGIN.match(target.strip()):
        return False
    known = {step for one in listed for step in _steps(one)}
    steps = [step for step in _steps(target) if "{" not in step]
    return not any(step in known or wording.nearest(step, known, 0.75) for step in steps)


def segments(target: str) -> tuple[str, ...]:
    """What of a path makes a difference: its segments in lower case, without arguments, holes alike."""
    return _steps(target)


def _plain(target: str) -> str:
    """The path without origin, version, query, and `$value` or `$count` (OData URL conventions 4.01, 4.7)."""
    return _whole(target).removesuffix("/$value").removesuffix("/$count") or "/"


def _whole(target: str) -> str:
    path = "/" + _cut(_ORIGIN.sub("", target.strip(), count=1)).partition("?")[0].strip("/")
    return _VERSION.sub("", path, count=1)


@lru_cache(4096)
def _steps(target: str) -> tuple[str, ...]:
    """The segments of a path in lower case, holes and GUIDs as `{}`, functions by their names."""
    path = _KEY.sub(r"\1/{}", _SLASHES.sub("/", _plain(target).lower()))
    path = _SEGMENT_HOLE.sub("{}", _ARGUMENTS.sub("", _SEGMENT_HOLE.sub("{}", path)))
    steps = path.split("/")[1:]
    if steps[:1] == ["drive"]:
        steps = ["me", *steps]  # how OneDrive calls the drive of whoever asks
    if "me" not in steps:
        return tuple(steps)
    return tuple(part for step in steps for part in (("users", "{}") if step == "me" else (step,)))


def _uncast(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps without casts, of which a name with points may be one (OData URL conventions 4.01, 4.11)."""
    return tuple(step for step in steps if not _CAST.fullmatch(step))


def _is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and all(
        mine == theirs or "{}" in (mine, theirs) or ("{" in mine and _is_segment(mine, theirs))
        for mine, theirs in zip(one, other, strict=True)
    )


def _is_segment(pattern: str, text: str) -> bool:
    """Whether a segment fits one that has a hole in it."""
    before, _, after = pattern.partition("{}")
    return "{" not in after and len(text) > len(before + after) and text.startswith(before) and text.endswith(after)
