"""Asking too often: one count for all processes, and a page that says when to try again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.steps import read, sign_in, text
from tests.makers import PASSWORD, make_user
from tests.migrated import start_migrated

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import os
import django
django.setup()
from django.test import Client
client = Client()
for number in range(12):
    email = f"{os.getpid()}-{number}@example.org"
    print(client.post("/accounts/password/reset/", {"email": email}).status_code)
"""


@pytest.mark.django_db
def test_who_asks_too_often_reads_when_to_try_again(client: Client) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": f"p{number}@example.org"}) for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Wait one minute, then try again." in text(answers[-1])
    assert read(answers[-1]).select("link[href*='account.css']")


@pytest.mark.django_db
def test_guessing_a_password_stops_even_the_right_one_and_says_for_how_long(client: Client) -> None:
    make_user("mina@example.org")
    make_user("rob@example.org")

    guesses = [sign_in(client, "mina@example.org", f"guess {number}") for number in range(5)]
    right = sign_in(client, "mina@example.org", PASSWORD)
    other = sign_in(Client(), "rob@example.org", PASSWORD)

    assert ["not correct" in text(guess) for guess in guesses] == [True] * 5
    assert (right.status_code, "Wait five minutes" in text(right)) == (422, True)
    assert other.status_code == 302


@pytest.mark.process
def test_two_processes_count_together(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "hubportal.settings",
        "HUBPORTAL_DATA": str(tmp_path),
        "SITE_URL": "http://testserver",
        "SECRET_KEY": "x" * 50,
        "KEYRING": "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "EMAIL_URL": "memorymail://",
        "LOG_LEVEL": "ERROR",
    }
    start_migrated(tmp_path)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=environment, timeout=60, check=True
    )

    both = [
        subprocess.Popen([sys.executable, "-c", ASK], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [line for process in both for line in process.communicate(timeout=60)[0].split()]

    assert sorted(answers) == ["302"] * 20 + ["429"] * 4
