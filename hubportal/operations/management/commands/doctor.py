"""What is misconfigured, in words (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hubportal.operations.doctor import examine


class Command(BaseCommand):
    help = "Say in words what is misconfigured: database, keyring, storage, hub, worker, clock. Exit 1 if anything is."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            self.stdout.write(f"{'ok' if finding.ok else 'not right':<10} {finding.part:<9} {finding.message}")
        wrong = sum(not finding.ok for finding in findings)
        if wrong:
            raise CommandError(f"{wrong} of {len(findings)} are not right.")
