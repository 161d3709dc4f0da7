"""What this repository decides: where its recordings lie, and that they are neutral and hold no credential.

The target, the documentation and the credentials come from [tool.docassay] and from the command line, e.g.
`pytest suites --docassay-target http://127.0.0.1:8081/v1.0 --docassay-header 'Authorization: Bearer local-token'`.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def vcr_cassette_dir(pytestconfig: pytest.Config) -> str:
    """pytest-recording reads and writes here: `cassettes/<page>/<example>.yaml`."""
    return str(pytestconfig.rootpath / "cassettes")


@pytest.fixture(scope="session")
def vcr_config(docassay_vcr_config: dict[str, Any]) -> dict[str, Any]:
    """No host name and no credential gets into a recording."""
    return docassay_vcr_config
