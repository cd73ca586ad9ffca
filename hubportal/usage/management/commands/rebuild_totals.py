"""Counts the totals of the usage pages anew from the ledger."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand

from hubportal.teams.models import Team
from hubportal.usage.recount import Difference, recount


class Command(BaseCommand):
    help = (
        "Count the totals by day and by month anew from the ledger, and say what differed. "
        "The site may run meanwhile: one day of one team is counted at a time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        looked_at = corrected = 0
        for team in Team.objects.order_by("slug"):
            with suppress(Team.DoesNotExist):
                found = recount(team)
                looked_at += found.days + found.months
                corrected += len(found.wrong_days) + len(found.wrong_months)
                for line in [
                    *_lines(team, found.wrong_days, "%Y-%m-%d"),
                    *_lines(team, found.wrong_months, "%Y-%m, as a month"),
                ]:
                    self.stdout.write(line)
        if corrected:
            self.stdout.write(f"{corrected} of {looked_at} totals of days and months differed; all are right now.")
        else:
            self.stdout.write(f"All {looked_at} totals of days and months agree with the ledger.")


def _lines(team: Team, differences: list[Difference], day: str) -> Iterator[str]:
    for one in differences:
        said = f"{team.slug} {one.day.strftime(day)}: "
        if one.kept == one.counted:
            yield f"{said}{one.counted:,} credits in all, but {one.rows} rows by person, key and model were wrong."
        else:
            yield f"{said}the totals said {one.kept:,} credits, the ledger says {one.counted:,}."
