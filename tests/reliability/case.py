"""What the tests of faults do: ask, let the worker work, let time pass, and compare what is recorded with the hub."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from django.db import models
from django.test import Client
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.wording.outcomes import explain
from hubportal.keys.models import Key
from hubportal.sandbox.hub import SandboxHub
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry, Reservation
from tests import makers, worker
from tests.reliability.documented import NOTHING, Row

PATIENCE = 30.0  # seconds
BREATH = 0.03  # seconds between two rounds of the worker, in which the hub paints
PRICE = 8  # credits for one picture


@dataclass
class Case:
    """One team's work at one hub account, and the row of docs/reliability.md that it should come out as."""

    team: Team
    owner: User
    browser: Client
    hub: SandboxHub
    url: str
    secret: str
    key: Key
    row: Row

    def ask(self, prompt: str = "A red boat", **order: Any) -> Generation:
        """A waiting generation of small pictures, which are painted in no time."""
        return makers.make_generation(self.team, self.owner, prompt, **{"size": "64x64", **order})

    def send(self, prompt: str = "A red boat", **order: Any) -> Generation:
        """The same, sent once by the worker."""
        generation = self.ask(prompt, **order)
        worker.send(generation.pk)
        return self.read(generation)

    def read(self, generation: Generation) -> Generation:
        """As it is in the database now, with nothing remembered."""
        return Generation.objects.select_related("key", "team").get(pk=generation.pk)

    def look(self, generation: Generation) -> Generation:
        """One round of the worker: it looks now, and keeps the pictures it is told of."""
        Generation.objects.filter(pk=generation.pk, state=State.RUNNING, answered_at=None).update(
            due_at=timezone.now(), lease_until=None
        )
        for images in worker.poll_due(timedelta()):
            for image in images:
                worker.download_image(image.pk)
        return self.read(generation)

    def work(self, generation: Generation, *states: str) -> Generation:
        """Rounds of the worker until the generation is in one of the states; finished, unless others are named."""
        until = time.monotonic() + PATIENCE
        while (generation := self.read(generation)).state not in (states or (State.SUCCEEDED, State.FAILED)):
            assert time.monotonic() < until, f"still {generation.state} ({generation.hub_status})"
            time.sleep(BREATH)
            generation = self.look(generation)
        return generation

    def make(self, prompt: str = "A red boat", **order: Any) -> Generation:
        """Sent, followed to its end, and its pictures tried once."""
        return self.work(self.send(prompt, **order))

    def pictures_to_keep(self, prompt: str = "A red boat", **order: Any) -> list[Image]:
        """Sent and followed until the hub has finished; its pictures are still to be fetched."""
        generation, until = self.send(prompt, **order), time.monotonic() + PATIENCE
        while not (images := list(generation.images.all())):
            assert time.monotonic() < until
            time.sleep(BREATH)
            Generation.objects.filter(pk=generation.pk).update(due_at=timezone.now(), lease_until=None)
            list(worker.poll_due(timedelta()))
        return images

    def keep(self, image: Image) -> Image:
        """Let the worker try for a picture once more, as if it were due."""
        Image.objects.filter(pk=image.pk).exclude(due_at=None).update(due_at=timezone.now())
        worker.download_image(image.pk)
        return Image.objects.get(pk=image.pk)

    def pass_time(self, **delta: float) -> None:
        """Let everything have happened so much earlier."""
        for model in (Generation, Image, Key):
            moments = [field.name for field in model._meta.fields if isinstance(field, models.DateTimeField)]
            for record in model.objects.all():
                for name in moments:
                    if moment := getattr(record, name):
                        setattr(record, name, moment - timedelta(**delta))
                record.save(update_fields=moments)

    # What it came to --------------------------------------------------------------------------------------

    def told(self, generation: Generation, *, sent: int = 1) -> None:
        """The record, the page and the books are as the documented row says, after so many submissions."""
        generation = self.read(generation)
        explanation = explain(generation)
        sentence = explanation.text if explanation else NOTHING
        assert (generation.state, explanation.code if explanation else "") == (self.row.state, self.row.code)
        assert self.row.says(sentence), sentence
        for_admin = explain(generation, for_admin=True)
        assert self.on_its_card(generation) == (for_admin.text if for_admin else NOTHING)
        assert self.posted() == sent
        self.assert_books_agree(generation)

    def on_its_card(self, generation: Generation) -> str:
        card = self.browser.get(f"/t/{self.team.slug}/generations/{generation.pk}/card/")
        why = BeautifulSoup(card.content, "html.parser").select_one(".why p")
        return " ".join(why.get_text().split()) if why else NOTHING

    def posted(self) -> int:
        """Submissions that reached the hub."""
        return self.hub.requests(self.secret)["submissions"]

    def assert_books_agree(self, generation: Generation) -> None:
        """Our ledger is the hub's; what may or will be charged is reserved."""
        price = generation.expected_credits
        is_open = generation.state in (State.WAITING, State.SENDING) or (
            generation.state == State.UNKNOWN and not generation.hub_id
        )
        ours = [
            (entry.kind, entry.credits)
            for entry in LedgerEntry.objects.filter(generation_id=generation.pk).order_by("pk")
        ]
        assert Reservation.objects.reserved_credits(self.team) == (price if is_open else 0)
        if is_open:
            assert (ours, generation.charged) == ([], None)
            assert self.hub_ledger(apart_from=generation) in ([], [("charge", price)])
        else:
            assert [entry for entry in ours if entry[1]] == self.hub_ledger()
            assert (generation.cost or 0) == sum(credits for _, credits in ours) == 100 - self.hub.credits(self.secret)

    def hub_ledger(self, *, apart_from: Generation | None = None) -> list[tuple[str, int]]:
        """The hub's own, of all that the team sent; or of all but what it knows of its other generations."""
        others = Generation.objects.exclude(pk=apart_from.pk) if apart_from else Generation.objects.none()
        known = set(others.values_list("hub_id", flat=True))
        return [
            (entry.kind, entry.credits if entry.kind == "charge" else -entry.credits)
            for entry in self.hub.ledger(self.secret)
            if entry.generation not in known
        ]
