"""Bring the search up to date with what is stored (interface: docs/operations.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hubportal.gallery.label_repair import repair_labels
from hubportal.listing.search.registry import all_indexes


class Command(BaseCommand):
    help = (
        "Bring the search up to date with what is stored, newest first, while the site runs. Stopped half-way, run it "
        "again. Says how many rows were not found as they should be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        words = "forget everything first: until it is done, lists end where it has got to"
        parser.add_argument("--from-scratch", action="store_true", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        self._repair_labels(options["verbosity"])
        for index in all_indexes():
            if options["from_scratch"]:
                index.clear()
            seen = changed = 0
            for rows, behind in index.rebuild():
                seen, changed = seen + rows, changed + behind
            if options["verbosity"]:
                name = index.model._meta.verbose_name_plural
                self.stdout.write(f"{name}: {seen} looked at, {changed} brought up to date.")

    def _repair_labels(self, verbosity: int) -> None:
        """What pictures are labelled with, before the index reads it."""
        seen = changed = 0
        for rows, behind in repair_labels():
            seen, changed = seen + rows, changed + behind
        if verbosity:
            self.stdout.write(f"labels: {seen} pictures looked at, {changed} brought up to date.")
