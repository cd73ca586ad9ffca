"""Tasks about credits."""

from datetime import timedelta

from django.db.models import Sum
from django.tasks import task
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.usage import monthly_report
from hubportal.usage.models import DailyTotal, today
from hubportal.usage.models.totals import SPENT
from hubportal.usage.pace import WINDOW_DAYS, window_days


@task(queue_name="default")
def estimate_spending_rates() -> None:
    """Once an hour: save with every key that serves how many credits a day it has been spending; 0.0 for none.

    The keys page makes a forecast of it.
    """
    now = today()
    keys = list(Key.objects.serving())
    teams = {key.team_id for key in keys}
    recent = DailyTotal.objects.filter(team__in=teams, day__gt=now - timedelta(days=WINDOW_DAYS), day__lte=now)
    spent = dict(recent.order_by().values_list("key").annotate(spent=Sum(SPENT)))
    for key in keys:
        days = window_days(timezone.localdate(key.added_at), now)
        # What is given back may have been charged before the window began.
        credits_per_day = max(spent.get(key.pk, 0), 0) / days
        if credits_per_day != key.credits_per_day:
            key.record_credits_per_day(credits_per_day)


@task(queue_name="default")
def send_monthly_reports() -> None:
    """Once an hour, and on at once while there is more: report the month that has just ended somewhere."""
    if monthly_report.send_due_reports():
        send_monthly_reports.enqueue()
