"""One server with the shipped model for all tests that want it."""

from collections.abc import Iterator

import pytest

from tests.web.sites import Site, storyteller


@pytest.fixture(scope="session")
def tales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with storyteller(tmp_path_factory.mktemp("tales")) as site:
        yield site
