"""Whether PostgreSQL lets in as many connections as the site may ask for is checked before anything starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import Tags, run_checks

from tests.postgres import cluster
from tests.security.site import Site


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.mark.postgres
def test_too_few_connections_are_told_when_migrating_and_by_the_doctor(url: str, tmp_path: Path) -> None:
    site = Site(tmp_path, DATABASE_URL=url, GRANIAN_WORKERS="20")

    migrated = site.manage("migrate", "--verbosity=0")
    doctor = site.manage("doctor", check=False)

    for told in (migrated.stderr, doctor.stdout):
        assert "connections, and web and worker may ask for" in told
        assert "raise PostgreSQL's max_connections" in told
    assert doctor.stdout.startswith("not right  database")


@pytest.mark.postgres
def test_one_process_of_32_threads_and_the_worker_fit_into_postgresqls_own_default(url: str, tmp_path: Path) -> None:
    site = Site(tmp_path, DATABASE_URL=url)

    migrated = site.manage("migrate", "--verbosity=0")

    assert "connections" not in migrated.stderr
    assert site.manage("doctor", check=False).stdout.startswith("ok         database")


@pytest.mark.django_db
def test_the_tests_own_database_is_large_enough() -> None:
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
