"""Which months of which team were reported, or had nothing to report."""

from django.db import models

from hubportal.teams.models import Team


class MonthlyReport(models.Model):
    """That a month (its first day) of a team is dealt with: whoever writes the row tells of it, and nobody else."""

    # No index of its own: the unique one begins with the team.
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "month"], name="monthly_report_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} of {self.team_id}"
