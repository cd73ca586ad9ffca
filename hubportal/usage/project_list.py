"""The team's projects with what each cost, from the totals by month."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.urls import reverse

from hubportal.teams.models import Team
from hubportal.usage.models import MonthlyTotal, Project, today
from hubportal.usage.models.totals import SPENT
from hubportal.usage.months import Month
from hubportal.usage.periods import Period
from hubportal.usage.projects import all_projects


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project, and the credits it took this month and in all. The links lead to what is behind each number."""

    project: Project
    this_month: int
    in_all: int
    month_link: str
    link: str


def list_projects(team: Team) -> list[ProjectLine]:
    """Open ones first, each group by name; in two queries."""
    month = Month.of(today(team.time_zone))
    totals = MonthlyTotal.objects.filter(team=team).order_by().values_list("project")
    spent = totals.annotate(month=Sum(SPENT, filter=Q(month=month.first), default=0), all=Sum(SPENT, default=0))
    sums: dict[object, Sequence[int]] = {project: numbers for project, *numbers in spent}
    return [_line(team, project, month, *sums.get(project.pk, (0, 0))) for project in all_projects(team.pk)]


def _line(team: Team, project: Project, month: Month, this_month: int, in_all: int) -> ProjectLine:
    link = f"{reverse('generations:list', args=[team.slug])}?project={project.pk}"
    return ProjectLine(project, this_month, in_all, f"{link}&{Period.of_month(month).query}", link)
