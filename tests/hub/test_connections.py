"""Connections: kept for looking, new for every submission, and nothing carried from one visit to the next."""

import json
import subprocess
import sys
import threading

import pytest

from hubportal.hub.client import HubClient
from tests.hub.conftest import Visit, answering
from tests.hub.examples import ACCEPTED, KEY
from tests.hub.test_client import A_CAT


def test_looks_share_a_kept_alive_connection_even_among_threads(serve):
    hub = serve(answering(200, {"credits": 7}))

    for _ in range(3):
        thread = threading.Thread(target=HubClient(hub.url, KEY).credits)
        thread.start()
        thread.join()

    assert hub.connections == 1


def test_a_look_over_a_kept_alive_connection_that_the_hub_drops_is_asked_once_more(serve):
    served = []

    def one_answer_then_gone(visit: Visit) -> None:
        visit.read()
        visit.send(200, b'{"credits": 7}')
        served.append(visit)
        if len(served) == 1:
            visit.read()
            visit.reset()

    hub = serve(one_answer_then_gone)
    client = HubClient(hub.url, KEY)
    client.credits()

    assert client.credits().credits == 7
    assert hub.connections == 2


def test_a_submission_never_takes_a_kept_alive_connection(serve):
    def drop_what_comes_second(visit: Visit) -> None:
        visit.read()
        visit.send(200, json.dumps(ACCEPTED | {"credits": 7}).encode())
        visit.read()
        visit.reset()

    hub = serve(drop_what_comes_second)
    client = HubClient(hub.url, KEY)
    client.credits()

    assert client.submit(A_CAT).id == "clx_abc123"
    assert [visit.method for visit in hub.visits] == ["GET", "POST"]


def test_cookies_of_one_visit_are_not_carried_into_the_next(serve):
    hub = serve(answering(200, {"credits": 7}, Set_Cookie="session=annas; Path=/"))

    HubClient(hub.url, "gih_live_annas").credits()
    HubClient(hub.url, "gih_live_bobs").credits()

    assert hub.visits[-1].headers["Authorization"] == "Bearer gih_live_bobs"
    assert "Cookie" not in hub.visits[-1].headers


def test_proxies_and_passwords_of_the_environment_are_not_used(serve, monkeypatch, tmp_path, closed_port):
    hub = serve(answering(200, {"credits": 7}))
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port}")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login anna password hers")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert HubClient(hub.url).credits().credits == 7

    assert "Authorization" not in hub.visit.headers


@pytest.mark.process
def test_a_child_process_does_not_go_on_with_its_parents_connection(serve):
    hub = serve(answering(200, {"credits": 7}))
    look_fork_and_look_again = f"""
import os
import subprocess
import sys
from hubportal.hub.client import HubClient
HubClient({hub.url!r}).credits()
child = os.fork()
HubClient({hub.url!r}).credits()
if child:
    os.waitpid(child, 0)
"""

    subprocess.run([sys.executable, "-c", look_fork_and_look_again], check=True, timeout=20)

    assert hub.connections == 2


def test_a_look_over_tls_works_with_a_certificate_that_is_right(serve, authority):
    hub = serve(answering(200, {"credits": 7}), tls=authority.context_for("127.0.0.1"))

    assert HubClient(hub.url, KEY, ca_bundle=authority.bundle).credits().credits == 7
