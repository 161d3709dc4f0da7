"""What this repository decides for its own tests, beside [tool.docassay] of pyproject.toml.

The target and the credentials of a live run come from the command line, e.g.
`pytest suites --docassay-target http://127.0.0.1:8081/v1.0 --docassay-header 'Authorization: Bearer local-token'`.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def vcr_cassette_dir(pytestconfig: pytest.Config) -> str:
    """Where recordings of other tests would lie: beside those of the documentation."""
    return str(pytestconfig.rootpath / "cassettes")


@pytest.fixture(scope="session")
def vcr_config(docassay_vcr_config: dict[str, Any]) -> dict[str, Any]:
    """No host name and no credential gets into any recording."""
    return docassay_vcr_config
