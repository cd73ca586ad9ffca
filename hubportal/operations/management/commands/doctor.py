"""What is misconfigured, in words (interface.md, Commands)."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubportal.operations.doctor import Finding, examine, files


class Command(BaseCommand):
    help = (
        "Say in words what is misconfigured: database, keyring, storage, hub, worker, clock, single sign-on. "
        "Exit 1 if anything is."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        words = "also name stored files without a row, and rows without their file; reads all of both"
        parser.add_argument("--files", action="store_true", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in self._findings(options["files"]):
            findings.append(finding)
            self.stdout.write(f"{'ok' if finding.ok else 'not right':<10} {finding.part:<9} {finding.message}")
        wrong = sum(not finding.ok for finding in findings)
        if wrong:
            raise CommandError(f"{wrong} of {len(findings)} are not right.")

    def _findings(self, with_files: bool) -> Iterator[Finding]:
        yield from examine()
        if with_files:
            yield files(self.stdout.write)
