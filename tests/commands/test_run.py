"""bin/run: up with one command, down without a trace."""

import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.commands.launched import RunningSite, living, wait_for


def test_one_command_brings_up_a_site_to_sign_in_to(checkout: Path, data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=data) as site:
        where = site.hear("Hubportal is at")

        page = site.get("/accounts/login/")

        assert where == f"Hubportal is at http://127.0.0.1:{site.port}"
        assert "Sign in as demo@example.org" in site.hear("Sign in as")
        assert "sandbox" in site.hear("It talks to")
        assert [line.split()[0] for line in site.lines[:4]] == ["Starting", "Preparing", "Starting", "Hubportal"]
        assert "<form" in page


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_order_to_stop_ends_every_process_quietly(checkout: Path, migrated_data: str, order: signal.Signals) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as site:
        site.hear("Ctrl-C stops everything")
        parts = site.family(having="dj_queue")

        status = site.order(order)

        assert status == 0
        assert all(word in str(parts) for word in ("granian", "dj_queue", "hubportal.sandbox", "watchdog"))
        wait_for(lambda: not living(parts), "every part to be gone", 10)
        assert "Traceback" not in site.said


def test_killing_the_launcher_outright_ends_every_process_and_the_next_start_works(
    checkout: Path, migrated_data: str
) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as first:
        first.hear("Ctrl-C stops everything")
        parts = first.family()

        first.order(signal.SIGKILL)
        with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as second:
            second.hear("Hubportal is at")

            assert len(parts) >= 4
            wait_for(lambda: not living(parts), "every part to be gone", 10)
            assert second.order(signal.SIGTERM) == 0


def test_killing_the_launcher_while_it_starts_leaves_nothing_behind(checkout: Path, data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=data) as site:
        parts = site.family(having="prepare")

        site.order(signal.SIGKILL)

        wait_for(lambda: not living(parts), "every part to be gone", 10)


def test_a_process_that_dies_is_started_again(checkout: Path, migrated_data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as site:
        site.hear("Ctrl-C stops everything")
        server = next(pid for pid, arguments in site.family().items() if "granian" in arguments)

        os.kill(server, signal.SIGKILL)

        site.hear("The web process stopped by itself (SIGKILL); starting it again.")
        again = wait_for(lambda: _page_of(site), "the site to answer again")
        assert "<form" in again


def test_a_site_that_can_not_come_up_stops_and_says_why(checkout: Path, data: str) -> None:
    nowhere = "sqlite:////proc/nowhere/db.sqlite3"
    with RunningSite(checkout, HUBPORTAL_DATA=data, DATABASE_URL=nowhere) as site:
        assert site.end() == 1

    assert site.lines[-2:] == [
        "The preparation process did not succeed, so everything is stopped. Its last output:",
        "  The database can't be used: unable to open database file",
    ]
    assert site.family() == {}


def test_a_process_that_never_stays_up_stops_everything_with_its_last_words(checkout: Path, migrated_data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as site:
        site.hear("Ctrl-C stops everything")
        settings = checkout / ".env"
        settings.write_text("TASKS_BACKEND=telegraph\n")
        try:
            os.kill(next(pid for pid, arguments in site.family().items() if "granian" in arguments), signal.SIGKILL)

            assert site.end() == 1
        finally:
            settings.unlink()

    assert "The web process does not stay up, so everything is stopped. Its last output:" in site.lines
    assert "TASKS_BACKEND" in site.said.rpartition("Its last output:")[2]
    assert site.family() == {}


def test_a_taken_port_is_told_in_one_sentence(checkout: Path, data: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with RunningSite(checkout, HUBPORTAL_DATA=data, PORT=str(port)) as site:
            assert site.end() == 1

    assert site.lines == [f"Port {port} is already taken: stop what uses it, or choose another: PORT=8080 bin/run"]


def test_a_host_that_is_not_this_machine_is_told_in_one_sentence(checkout: Path, data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=data, HOST="192.0.2.1", PORT="8000") as site:
        assert site.end() == 1

    assert site.lines == [
        "The site can't listen on 192.0.2.1, port 8000 (Cannot assign requested address): choose others with HOST and"
        " PORT."
    ]


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
def test_a_host_can_be_a_name_or_everywhere(checkout: Path, migrated_data: str, host: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data, HOST=host) as site:
        where = site.hear("Hubportal is at").removeprefix("Hubportal is at ")

        with urllib.request.urlopen(f"{where}/healthz", timeout=10) as answer:
            assert answer.status == 200


def test_a_second_site_on_the_same_data_folder_is_refused(checkout: Path, migrated_data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as first:
        first.hear("Hubportal is at")
        with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as second:
            assert second.end() == 1

    assert second.lines == [
        f"Hubportal is already running on {migrated_data}, at http://127.0.0.1:{first.port}: stop that one first, or"
        " name another data folder in HUBPORTAL_DATA."
    ]


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_told_in_one_sentence(checkout: Path, data: str, port: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=data, PORT=port) as site:
        assert site.end() == 1

    assert site.lines == [f"PORT is '{port}': it must be a number from 1 to 65535."]


def _page_of(site: RunningSite) -> str:
    try:
        return site.get("/accounts/login/")
    except OSError:
        return ""
