"""The sandbox as a process: killed in the middle of its work, started again, stopped, refused a port."""

import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hubportal.sandbox.server import RunningSandbox
from tests.commands.launched import dying_with_us
from tests.sandbox.caller import Caller, net, wait_for


class Process:
    """`python -m hubportal.sandbox` over one data folder."""

    def __init__(self, data: Path, pace: float) -> None:
        command = [sys.executable, "-m", "hubportal.sandbox", "--port", "0", "--data", str(data), "--pace", str(pace)]
        self._process = subprocess.Popen(
            dying_with_us(*command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert select.select([self._process.stdout], [], [], 20)[0], "it never said that it is ready"
        self.url = self._process.stdout.readline().split()[-1]

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Exit status and what it said on standard error."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        _, complaints = self._process.communicate(timeout=20)
        return self._process.returncode, complaints


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "sand box"


@pytest.fixture
def main_key(data: Path) -> str:
    """The main key of a data folder whose sandbox isn't running."""
    first = RunningSandbox.start(data)
    first.stop()
    return first.hub.demo_keys["main"]


@pytest.fixture
def process(data: Path, main_key: str) -> Iterator[Process]:
    running = Process(data, pace=0.3)
    yield running
    running.end(signal.SIGKILL)


@pytest.mark.process
def test_work_under_way_at_a_kill_goes_on_after_the_restart(data: Path, main_key: str, process: Process) -> None:
    caller = Caller(process.url, main_key)
    done = caller.submit("[slow 0]", wait=True).json()
    prompts = ["[slow 0]", "[slow 0.02]", "", "[slow 1]", "[partial]", "[fail]", "[noimages] [slow 1]", "[forever]"]
    ids = [caller.submit(f"Harbour {i} {p}", n=2, size="1024x1024").json()["id"] for i, p in enumerate(prompts)]
    process.end(signal.SIGKILL)

    again = RunningSandbox.start(data, pace=0.05)
    caller = Caller(again.url, main_key)
    outcomes = [caller.outcome(hub_id) for hub_id in ids[:-1]]
    ledger, left, kept = again.hub.ledger(main_key), caller.credits(), caller.look(done["id"]).json()
    images = [requests.get(image["url"], timeout=5) for outcome in outcomes for image in outcome["images"]]
    again.stop()

    assert [(o["status"], len(o["images"])) for o in outcomes] == [
        ("succeeded", 2), ("succeeded", 2), ("succeeded", 2), ("succeeded", 2),
        ("succeeded", 1), ("failed", 0), ("succeeded", 0),
    ]  # fmt: skip
    assert [image.status_code for image in images] == [200] * 9
    assert [entry.generation for entry in ledger if entry.kind == "charge"] == [done["id"], *ids]
    assert 1000 - left == net(ledger) == 8 + 4 * 16 + 8 + 16
    assert kept["usage"] == done["usage"]


@pytest.mark.process
def test_a_kill_between_acceptance_and_answer_leaves_books_that_add_up(
    data: Path, main_key: str, process: Process
) -> None:
    caller = Caller(process.url, main_key)
    calls = [threading.Thread(target=ignoring_errors, args=(caller,)) for _ in range(12)]
    for call in calls:
        call.start()
    caller.submit()
    process.end(signal.SIGKILL)
    for call in calls:
        call.join()

    again = RunningSandbox.start(data, pace=0)
    generations = again.hub.generations(main_key)
    for generation in generations:
        Caller(again.url, main_key).outcome(generation.id)
    ledger, left = again.hub.ledger(main_key), again.hub.credits(main_key)
    again.stop()

    assert generations
    assert sorted(entry.generation for entry in ledger) == sorted(generation.id for generation in generations)
    assert 1000 - left == net(ledger)


def ignoring_errors(caller: Caller) -> None:
    try:
        caller.submit(wait=True)
    except requests.RequestException:
        return


@pytest.mark.process
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_while_somebody_waits(main_key: str, process: Process, how: signal.Signals) -> None:
    caller = Caller(process.url, main_key)
    answers: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(caller.submit("[slow 60]", wait=True)))
    waiting.start()
    wait_for(caller.credits, lambda credits: credits < 1000)

    status, complaints = process.end(how)
    waiting.join()

    assert (status, complaints) == (0, "")
    assert [answer.status_code for answer in answers] == [504]


@pytest.mark.process
def test_keys_and_settings_of_the_first_start_stay(data: Path, main_key: str) -> None:
    again = RunningSandbox.start(data)
    minted = again.hub.new_key(credits=3, owner="Ada")
    again.stop()
    third = RunningSandbox.start(data)

    assert third.hub.demo_keys["main"] == main_key
    assert third.hub.credits(minted) == 3
    third.stop()


@pytest.mark.process
def test_a_taken_port_is_one_plain_sentence(process: Process, tmp_path: Path) -> None:
    port = process.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "hubportal.sandbox", "--port", port, "--data", str(tmp_path / "other")]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Port {port} is already taken: stop what uses it, or choose another with --port.\n"


@pytest.mark.process
def test_a_folder_that_can_not_be_written_is_one_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "-m", "hubportal.sandbox", "--port", "0", "--data", str(tmp_path / "file")]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("The sandbox hub can't start: ")
    assert done.stderr.count("\n") == 1


def test_a_taken_port_is_an_error_for_the_thread_that_starts_it(own_sandbox: RunningSandbox, tmp_path: Path) -> None:
    port = int(own_sandbox.url.rsplit(":", 1)[1])

    with pytest.raises(OSError, match="address already in use"):
        RunningSandbox.start(tmp_path, port=port)


def test_stopping_frees_the_port_and_may_be_done_twice(tmp_path: Path) -> None:
    first = RunningSandbox.start(tmp_path)
    first.stop()
    first.stop()

    second = RunningSandbox.start(tmp_path, port=int(first.url.rsplit(":", 1)[1]))
    assert second.url == first.url
    second.stop()
