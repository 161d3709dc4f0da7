"""pytest as the runner: options, fixtures, the parametrised `docassay_case`. The only module that knows pytest.

A test that takes `docassay_case` runs once for each documented example, one that takes `docassay_page` once for each
page. Nothing else is touched: no autouse fixture, no hook on other people's tests, and nothing heavy is imported
before such a test is collected.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from .checking import Checked
    from .findings import Report, Verdict
    from .model import Case, Page
    from .pipeline import Loaded, Options
    from .replay import Client


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the group `docassay`, each with the prefix of its own that keeps it apart from other plugins."""
    group = parser.getgroup("docassay", "conformance of documentation")
    group.addoption("--docassay-docs", metavar="PATH", action="append", default=[], help="The documentation.")
    group.addoption(
        "--docassay-target", metavar="URL", default="", help="The service; without one, recordings are used."
    )
    group.addoption("--docassay-bind", metavar="NAME=VALUE", action="append", default=[], help="A value left open.")
    group.addoption(
        "--docassay-header", metavar="'N: v'", action="append", default=[], help="A field for every request."
    )
    group.addoption("--docassay-allow-writes", action="store_true", help="More than GET, HEAD and OPTIONS elsewhere.")
    group.addoption("--docassay-strict", action="store_true", help="Count warnings as errors.")


class Session:
    """What one pytest run knows of the documentation. Read once, when the first test needs it."""

    def __init__(self, config: pytest.Config) -> None:
        from . import pipeline
        from .config import ConfigError, load

        option: Callable[[str], Any] = config.getoption
        try:
            self.config = load(config.rootpath)
            paths = option("--docassay-docs") or [str(Path(self.config.root, one)) for one in self.config.docs]
            if not paths:
                _refuse("set docs in [tool.docassay] of pyproject.toml, or --docassay-docs")
            self.options: Options = pipeline.options(
                self.config,
                target=option("--docassay-target"),
                record="once" if option("--docassay-target") and self._recording(config) else None,
                bind=option("--docassay-bind"),
                header=option("--docassay-header"),
                allow_writes=option("--docassay-allow-writes"),
                strict=option("--docassay-strict"),
            )
            pipeline.client(self.options).__exit__()
            self.paths = [Path(path) for path in paths]
            self.loaded: Loaded = pipeline.load(self.paths, self.config)
            self.cases: list[Case] = pipeline.plan(self.loaded, self.options)
        except (ConfigError, pipeline.UsageError) as error:
            _refuse(str(error))

    @staticmethod
    def _recording(config: pytest.Config) -> bool:
        mode = config.getoption("--record-mode", None)
        return mode not in (None, "none") and not config.getoption("--disable-recording", False)

    @property
    def recording(self) -> dict[str, Any]:
        """What pytest-recording is told: where recordings lie, and to keep host names and credentials out of them."""
        from . import cassettes

        logging.getLogger("vcr").setLevel(logging.WARNING)  # it logs what it records before it is made neutral
        target = self.options.target or cassettes.ENDPOINT
        folder = str(Path(self.options.cassettes).absolute())
        return {**cassettes.settings(target, tuple(self.options.headers.values())), "cassette_library_dir": folder}

    def cassette(self, case: Case) -> str:
        """The recording of a case, relative to the folder of the recordings."""
        from . import cassettes

        return cassettes.name_of(case)

    @cached_property
    def checked(self) -> dict[str, Checked]:
        """What the rules say of each page, by its path."""
        from . import pipeline

        return pipeline.check_each(self.paths, self.config)

    @property
    def nothing_to_test(self) -> bool:
        """Whether every case is blocked."""
        return all(case.blocked for case in self.cases)

    @property
    def live(self) -> bool:
        """Whether the cases go to a target without being recorded."""
        return bool(self.options.target) and self.options.record == "none"


def _refuse(sentence: str) -> NoReturn:
    """Fail the collection with one sentence: of this error alone, pytest shows no traceback."""
    raise pytest.Collector.CollectError(f"docassay: {sentence}") from None


_SESSION = pytest.StashKey[Session]()


def _session(config: pytest.Config) -> Session:
    if _SESSION not in config.stash:
        config.stash[_SESSION] = Session(config)
    return config.stash[_SESSION]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case or page, under the id that it has everywhere."""
    if "docassay_case" in metafunc.fixturenames:
        session = _session(metafunc.config)
        if not session.cases:
            _refuse("no request is annotated in the documentation, so nothing can be tested")
        metafunc.parametrize("docassay_case", [_param(case, session) for case in session.cases])
    if "docassay_page" in metafunc.fixturenames:
        pages = _session(metafunc.config).loaded.docs.pages
        metafunc.parametrize("docassay_page", [pytest.param(page, id=page.path) for page in pages])


def _param(case: Case, session: Session) -> Any:
    if case.blocked:
        # Where every case is blocked, nothing is tested, and that must not be green.
        marks = [] if session.nothing_to_test else [pytest.mark.skip(reason=f"blocked: {case.blocked}; {case.hint}")]
        return pytest.param(case, id=case.id, marks=marks)
    if session.live:
        return pytest.param(case, id=case.id)
    marks = [pytest.mark.vcr(**session.recording), pytest.mark.default_cassette(session.cassette(case))]
    return pytest.param(case, id=case.id, marks=marks)


@pytest.fixture(scope="session")
def docassay_session(pytestconfig: pytest.Config) -> Session:
    """The documentation and the options of this run."""
    return _session(pytestconfig)


@pytest.fixture(scope="session")
def docassay_vcr_config(docassay_session: Session) -> dict[str, Any]:
    """The same for other recorded tests of a repository: to be returned by its `vcr_config`."""
    return {name: value for name, value in docassay_session.recording.items() if name != "cassette_library_dir"}


@pytest.fixture(scope="session")
def docassay_client(docassay_session: Session) -> Any:
    """What sends the cases; one connection for all of them."""
    from . import pipeline

    with pipeline.client(docassay_session.options) as client:
        yield client


@pytest.fixture
def docassay_verify(docassay_session: Session, docassay_client: Client) -> Callable[[Case], Verdict]:
    """Send a case and hold the answer against its page; the test fails with what `docassay verify` would say."""
    from . import pipeline

    def verify(case: Case) -> Verdict:
        report = pipeline.verify_one(docassay_session.loaded, case, docassay_client, docassay_session.options)
        _fail_with(report, docassay_session)
        if case.blocked:
            pytest.fail(
                f"blocked: {case.blocked}\nhint: {case.hint}\nevery case is, so nothing was tested", pytrace=False
            )
        return report.verdicts[0]

    return verify


@pytest.fixture
def docassay_check(docassay_session: Session) -> Callable[[Page], Report]:
    """Check a page; the test fails with what `docassay check` would say of it."""
    from . import pipeline

    def check(page: Page) -> Report:
        found = docassay_session.checked[page.path]
        report = pipeline.report_of([found], docassay_session.config, strict=docassay_session.options.strict)
        _fail_with(report, docassay_session)
        return report

    return check


def _fail_with(report: Report, session: Session) -> None:
    from .reports import Context, text

    if report.exit_code == 1:
        prefix = f"{session.loaded.docs.roots[0].folder.as_posix()}/" if len(session.loaded.docs.roots) == 1 else ""
        pytest.fail(text.render(report, Context(prefix=prefix)).rstrip(), pytrace=False)
