"""For machines: /healthz (the process answers), /readyz (it can do its work), /metrics (numbers for Prometheus)."""

from collections.abc import Iterator
from secrets import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.states import MOVING
from hubportal.usage.accounts import drift


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


class _RecordCounts(Collector):
    """Sums over all teams: no names, no prompts, no keys."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        states = (*MOVING, State.UNKNOWN)
        generations = Generation.objects.filter(state__in=states).values_list("state").annotate(number=Count("pk"))
        counts = dict(generations)
        open_generations = GaugeMetricFamily(
            "hubportal_generations_open", "Generations that are not over, by state", labels=["state"]
        )
        for state in states:
            open_generations.add_metric([state], counts.get(state, 0))
        yield open_generations
        missing = Image.objects.filter(thumb="", due_at__isnull=False).count()
        yield GaugeMetricFamily(
            "hubportal_ledger_drift_credits", "Credits by which hub and ledger differ unexplained", value=drift()
        )
        yield GaugeMetricFamily("hubportal_pictures_to_fetch", "Pictures paid for and not yet stored", value=missing)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Where METRICS_TOKEN is set, 401 without `Authorization: Bearer` and the token (RFC 6750)."""
    if settings.METRICS_TOKEN and not _has_token(request):
        response = HttpResponse("token\n", content_type="text/plain", status=401)
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    registry = CollectorRegistry()
    registry.register(_RecordCounts())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # Compared in constant time, or the time of an answer would tell how much of a guess was right.
    return scheme.lower() == "bearer" and compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
