"""For machines: sums over all teams, in Prometheus' form. No names, no prompts, no keys."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.states import MOVING


class _Records(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        states = GaugeMetricFamily(
            "hubportal_generations_open", "Generations that are not over, by state", labels=["state"]
        )
        counted = dict(
            Generation.objects.filter(state__in=(*MOVING, State.UNKNOWN))
            .values_list("state")
            .annotate(number=Count("pk"))
        )
        for state in (*MOVING, State.UNKNOWN):
            states.add_metric([state], counted.get(state, 0))
        yield states
        unkept = Image.objects.filter(kept_at=None, due_at__isnull=False).count()
        yield GaugeMetricFamily("hubportal_pictures_to_fetch", "Pictures paid for and not yet kept", value=unkept)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(_Records())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
