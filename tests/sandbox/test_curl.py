"""curl, the sandbox's first client: the examples on the web page, run as they stand there."""

import json
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup
from PIL import Image

from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Insider, wait_for

pytestmark = pytest.mark.process


class Shell:
    """Runs the web page's examples in a folder that holds the two pictures they name."""

    def __init__(self, sandbox: RunningSandbox, folder: Path) -> None:
        self.folder, self.sandbox = folder, sandbox
        soup = BeautifulSoup(requests.get(sandbox.url, timeout=5).text, "html.parser")
        self.examples = [code.text for code in soup.select("pre > code")]
        Image.new("RGB", (300, 200), "navy").save(folder / "first.png")
        Image.new("RGB", (300, 200), "orange").save(folder / "second.jpg")

    def run(self, command: str) -> dict[str, Any]:
        done = subprocess.run(
            ["sh", "-c", command.replace("curl ", "curl -sS --max-time 20 ", 1)],
            cwd=self.folder, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def shell(own_sandbox: RunningSandbox, tmp_path: Path) -> Shell:
    return Shell(own_sandbox, tmp_path)


def test_the_page_has_an_example_for_each_call(shell: Shell) -> None:
    assert len(shell.examples) == 6


def test_models_and_credits(shell: Shell) -> None:
    models, credits = (shell.run(example) for example in shell.examples[:2])

    assert [model["id"] for model in models["data"]] == ["gpt-image-2", "nanobanana", "nanobanana2", "nanobananapro"]
    assert (credits["account_type"], credits["credits"]) == (
        "PRO",
        shell.sandbox.hub.credits(shell.sandbox.hub.demo_keys["main"]),
    )


def test_submit_poll_and_fetch(shell: Shell) -> None:
    accepted = shell.run(shell.examples[2])
    look = shell.examples[3].replace("clx_…", accepted["id"])
    record = wait_for(lambda: shell.run(look), lambda record: record["status"] == "succeeded")
    fetch = ["curl", "-sS", "-O", record["images"][1]["url"]]
    subprocess.run(fetch, cwd=shell.folder, check=True, timeout=20)

    assert (accepted["status"], accepted["usage"]) == ("queued", {"credits": 0, "credits_requested": 16})
    assert accepted["poll_url"] == f"{shell.sandbox.url}/api/v1/generations/{accepted['id']}"
    assert (record["aspect_ratio"], record["quality"], len(record["images"])) == ("3:2", "1K", 2)
    assert Image.open(shell.folder / f"{record['images'][1]['id']}.png").size == (1536, 1024)


def test_multipart_with_files_waits_for_the_picture(shell: Shell) -> None:
    record = shell.run(shell.examples[4])

    main = shell.sandbox.hub.demo_keys["main"]
    generation = next(g for g in shell.sandbox.hub.generations(main) if g.id == record["id"])
    image = requests.get(record["images"][0]["url"], timeout=5).content
    assert (record["status"], record["usage"]) == ("succeeded", {"credits": 8})
    assert [r.name for r in generation.references] == ["first.png", "second.jpg"]
    assert [r.content_type for r in generation.references] == ["image/png", "image/jpeg"]
    assert Image.open(BytesIO(image)).size == (1024, 1024)


def test_the_older_dialect(shell: Shell) -> None:
    record = shell.run(shell.examples[5])

    image = requests.get(record["images"][0]["url"], timeout=5).content
    width, height = Image.open(BytesIO(image)).size
    assert (record["model"], record["aspect_ratio"], record["quality"]) == ("nanobanana2", "16:9", "2K")
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert record["usage"] == {"credits": 8}


def test_a_file_over_the_limit_is_refused_in_words(caller: Insider, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + b"\0" * (70 * 1024 * 1024))

    form = ["-F", "model=gpt-image-2", "-F", "prompt=x", "-F", f"reference_image=@{large}"]
    command = ["curl", "-sS", "--max-time", "20", "-H", f"Authorization: Bearer {caller.key}", *form]
    url = f"{caller.url}/api/v1/images/generations"
    done = subprocess.run([*command, url], capture_output=True, text=True, timeout=30, check=False)

    assert json.loads(done.stdout)["error"]["code"] == "invalid_request"
