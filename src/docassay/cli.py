"""click -> pipeline -> report. No logic: what a command does is in `docassay.pipeline`."""

from __future__ import annotations

import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__, wording

if TYPE_CHECKING:
    from .cassettes import Record
    from .config import Config
    from .findings import Report
    from .parallel import Step

USAGE, FAULT, INTERRUPTED = 2, 3, 130
"""Exit codes: a command that cannot be carried out, and a fault of docassay itself. 0 and 1 are those of the report."""


MOMENT = 1.0
"""Seconds that work takes before its progress is shown."""


class Suggesting(click.Group):
    """A group that says which command may have been meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            guess = wording.aside(wording.nearest(args[0], self.commands))
            ctx.fail(f"there is no command '{args[0]}'{guess} (valid: {', '.join(self.commands)})")
        return super().resolve_command(ctx, args)


@click.group(cls=Suggesting, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="docassay", message="%(prog)s %(version)s")
def cli() -> None:
    """Hold annotated API documentation against itself, a running service, or a recording."""


_paths = click.argument("paths", nargs=-1, metavar="PATH…", type=click.Path(path_type=Path))
_output = click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write there, not to the terminal."
)
_strict = click.option("--strict", is_flag=True, help="Count warnings as errors.")


def _format(*names: str) -> Callable[[Any], Any]:
    return click.option(
        "--format", "form", type=click.Choice(names), default="text", show_default=True, help="Form of the report."
    )


@cli.command()
@_paths
@_format("text", "json", "sarif", "github", "junit")
@_output
@click.option("--select", metavar="C,…", default="", help="Only rules of these codes, or whose codes begin so.")
@click.option("--ignore", metavar="C,…", default="", help="All rules but these.")
@click.option("--fix", is_flag=True, help="Mend what has one right answer, then report the rest.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, as a patch.")
@click.option(
    "--baseline", metavar="FILE", type=click.Path(path_type=Path), help="Report only what FILE does not know."
)
@click.option(
    "--write-baseline", metavar="FILE", type=click.Path(path_type=Path), help="Keep what is found in FILE as known."
)
@click.option("--changed-since", metavar="REV", default="", help="Report changed pages, and what they broke elsewhere.")
@click.option("--jobs", metavar="N", type=click.IntRange(min=0), default=0, help="Processes; 0: as many as cores.")
@click.option("--no-cache", is_flag=True, help="Read every page, and remember nothing.")
@_strict
def check(
    paths: tuple[Path, ...], form: str, output: Path | None, select: str, ignore: str, fix: bool, diff: bool,
    baseline: Path | None, write_baseline: Path | None, changed_since: str, jobs: int, no_cache: bool, strict: bool,
) -> int:  # fmt: skip
    """See whether the pages agree with themselves, and whether a machine can read them."""
    from . import pipeline

    with _working() as config:
        config = _with_rules(config, select, ignore)
        found = _documentation(paths, config)
        config = pipeline.rooted(config, found)

        known = baseline or (Path(config.root, config.baseline) if config.baseline and not write_baseline else None)

        def run() -> Report:
            how: dict[str, Any] = {"strict": strict, "jobs": jobs, "cached": not no_cache}
            with _progress("check") as step:
                if changed_since:
                    return pipeline.check_since(found, config, changed_since, step=step, **how)
                return pipeline.check(found, config, step=step, **how)

        report = run()
        if diff:
            way = _prefix(found)
            _write(pipeline.difference(found, report, "" if way.startswith(("/", "..")) else way), output)
            return report.exit_code
        if fix and (count := pipeline.mend(found, report)):
            click.echo(f"mended {_count(count, 'place')}", err=True)
            report = run()
        if write_baseline:
            count = pipeline.write_baseline(report, write_baseline, found)
            click.echo(f"{write_baseline.as_posix()}: {_count(count, 'finding')} kept as known", err=True)
            return 0
        if known:
            report, stale = pipeline.with_baseline(report, known, found)
            if stale:
                text = f"{known.as_posix()}: {_count(stale, 'finding')} of it gone; --write-baseline makes it anew"
                click.echo(text, err=True)
        return _show(report, form, output, found, pipeline.advice(report))


@cli.command()
@_paths
@_format("text", "json")
@_output
def show(paths: tuple[Path, ...], form: str, output: Path | None) -> int:
    """Show what was read: every annotated block, example, type and operation."""
    from . import pipeline
    from .inventory import render

    with _working() as config:
        found = _documentation(paths, config)
        with _progress("show") as step:
            loaded = pipeline.load(found, config, step)
        _write(render(loaded, form), output)
        if any(page.blocks for page in loaded.docs.pages):
            return 0
        _complain(f"nothing was read: {pipeline.advice(pipeline.check(found, config))}")
        return USAGE


@cli.command()
@_paths
@click.option("--target", metavar="URL", default="", help="The service to verify. Without one, recordings are used.")
@click.option("--record", type=click.Choice(["once", "new", "all"]), help="Record the target's answers.")
@click.option("--cassettes", metavar="DIR", help="Folder of the recordings.  [default: cassettes]")
@click.option(
    "--bind", metavar="NAME=VALUE", multiple=True, help="A value for what the pages leave open, e.g. 'get_photo.id=42'."
)
@click.option(
    "--header",
    metavar="'N: v'",
    multiple=True,
    help="A header field for every request, e.g. 'Authorization: Bearer …'.",
)
@click.option("--allow-writes", is_flag=True, help="Send more than GET, HEAD and OPTIONS to another machine.")
@click.option(
    "-k", "expression", metavar="EXPR", default="", help="Only cases whose id fits, e.g. 'photo and not delete'."
)
@_format("text", "json", "sarif", "github", "junit")
@_output
@_strict
def verify(
    paths: tuple[Path, ...], target: str, record: Record | None, cassettes: str | None, bind: tuple[str, ...],
    header: tuple[str, ...], allow_writes: bool, expression: str, form: str, output: Path | None, strict: bool,
) -> int:  # fmt: skip
    """Send every documented request, and hold the answers against the pages."""
    from . import pipeline

    with _working() as config:
        found = _documentation(paths, config)
        options = pipeline.options(
            config,
            target=target,
            record=record,
            cassettes=cassettes,
            bind=bind,
            header=header,
            allow_writes=allow_writes,
            select=expression,
            strict=strict,
        )
        with _progress("read") as step:
            loaded = pipeline.load(found, config, step)
        planned = pipeline.plan(loaded, options)
        with _progress("verify") as step:
            report = pipeline.verify(loaded, planned, options, step)
        return _show(report, form, output, found, pipeline.advice(report, options))


@cli.command()
@click.argument("form", metavar="FORMAT")
@_paths
@_output
def export(form: str, paths: tuple[Path, ...], output: Path | None) -> int:
    """Write the contract for other tools, as FORMAT: jsonschema or openapi.

    A FILE that ends in .json gets JSON, one that ends in .yaml or .yml gets YAML. Otherwise OpenAPI comes as YAML,
    JSON Schema as JSON.
    """
    from . import pipeline
    from .exports import EXPORTS, text

    if form not in EXPORTS:
        guess = wording.aside(wording.nearest(form.lower(), EXPORTS))
        raise click.UsageError(f"there is no format '{form}'{guess} (valid: {', '.join(EXPORTS)})")
    with _working() as config:
        found = _documentation(paths, config)
        with _progress("read") as step:
            loaded = pipeline.load(found, config, step)
        if not loaded.docs.pages:
            raise click.UsageError("there is no Markdown page (*.md) there")
        promised = loaded.schemas.contract
        if not promised.types and not promised.operations and not promised.examples:
            raise click.UsageError("there is nothing to export: no page there describes a type or an operation")
        _write(text(EXPORTS[form], loaded, output.suffix if output else ""), output)
    return 0


@cli.command()
@click.argument("code", required=False)
def rules(code: str | None) -> int:
    """List the rules, or explain one."""
    from . import pipeline
    from .rules import FAMILIES

    with _working():
        if code is not None:
            one = pipeline.rule(code)
            click.echo(f"{one.code} {one.slug} ({one.level})\n\n{one.summary}\n\n{one.text}".rstrip())
            return 0
        for family, members in FAMILIES:
            click.secho(family, bold=True)
            for one in members:
                click.echo(f"  {one.code}  {one.level:<8} {one.slug:<30} {one.summary}")
    return 0


def main() -> None:
    """The command `docassay`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character gets its number
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = USAGE
    except click.UsageError as error:
        _complain(error.format_message())
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("docassay: interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except SystemExit as ended:  # click ends so, with code 1, where it meets the same
        code = 0 if type(sys.stdout).__name__.endswith("PacifyFlushWrapper") else ended.code
    except OSError as error:
        _complain(f"{error.filename or 'output'}: {error.strerror or error}")
        code = USAGE
    except Exception as error:
        code = FAULT
        _complain(f"this is a fault of docassay {__version__}, not of your pages: {type(error).__name__}: {error}")
        if os.environ.get("DOCASSAY_TRACEBACK"):
            import traceback

            traceback.print_exc()
        else:
            _complain("please report it to its maintainers, with what DOCASSAY_TRACEBACK=1 adds to this output")
    _leave(code if isinstance(code, int) else 0)


def _leave(code: int) -> NoReturn:
    """End the process. To give back what it holds, piece by piece, would take as long as reading some hundred pages."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    os._exit(code)


# --- around the commands -----------------------------------------------------------------------------------------


@contextmanager
def _working() -> Iterator[Config]:
    """The settings; and errors of the user as one line with exit code 2."""
    from . import config, pipeline

    try:
        yield config.load(Path.cwd())
    except (config.ConfigError, pipeline.UsageError) as error:
        raise click.UsageError(str(error)) from error


def _documentation(paths: tuple[Path, ...], config: Config) -> list[Path]:
    found = list(paths) or [Path(config.root, one) for one in config.docs]
    if not found:
        raise click.UsageError("name the folder of the documentation, or set docs in [tool.docassay] of pyproject.toml")
    return [
        Path(os.path.relpath(one)) if one.is_absolute() and one.is_relative_to(Path.cwd()) else one for one in found
    ]


def _with_rules(config: Config, select: str, ignore: str) -> Config:
    import msgspec

    chosen = {"select": select, "ignore": ignore}
    if select:
        config = msgspec.structs.replace(config, ignore=())  # who asks for a rule gets it
    return msgspec.structs.replace(
        config,
        **{
            name: tuple(code.strip() for code in codes.split(",") if code.strip())
            for name, codes in chosen.items()
            if codes
        },
    )


def _show(report: Report, form: str, output: Path | None, paths: list[Path], hint: str) -> int:
    from .reports import FORMATS, Context

    color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    context = Context(color=color, width=width, prefix=_prefix(paths), hint=hint)
    _write(FORMATS[form](report, context), output)
    if report.interrupted:
        _complain("interrupted: the report holds what was done until then")
        return INTERRUPTED
    if report.exit_code == USAGE and (form != "text" or output is not None):
        _complain(f"nothing was tested: {hint}")
    return report.exit_code


def _prefix(paths: list[Path]) -> str:
    """The way from the working directory to the pages, as their names do not hold it."""
    single = len({path if path.is_dir() else path.parent for path in paths}) == 1
    root = (paths[0] if paths[0].is_dir() else paths[0].parent).as_posix()
    return f"{root}/" if single and root != "." else ""


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.UsageError(f"-o {output.as_posix()}: {error.strerror or error}") from error


@contextmanager
def _progress(label: str) -> Iterator[Step]:
    """A bar on a terminal, for work that takes more than a moment; nothing elsewhere."""
    started = time.monotonic()
    with ExitStack() as stack:
        bar: Any = None

        def step(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and sys.stderr.isatty() and time.monotonic() - started > MOMENT:
                bar = stack.enter_context(click.progressbar(length=total, label=label, file=sys.stderr))
            if bar is not None:
                bar.update(done - bar.pos)

        yield step


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' if number != 1 else ''}"


def _complain(sentence: str) -> None:
    shown = "".join(char if char.isprintable() else "\ufffd" for char in sentence)
    click.echo(f"docassay: {shown}", err=True)
