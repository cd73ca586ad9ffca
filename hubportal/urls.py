"""Every address of the site (interface.md, Addresses)."""

from django.urls import include, path

from hubportal.gallery.views import files
from hubportal.keys.views import sandbox_notice
from hubportal.notifications import push_views
from hubportal.operations import monitoring
from hubportal.operations.admin_pages import site
from hubportal.teams.views import home, invitations

team_pages = [
    path("", include("hubportal.generations.urls")),
    path("", include("hubportal.gallery.urls")),
    path("", include("hubportal.lifecycle.urls")),
    path("", include("hubportal.usage.urls")),
    path("", include("hubportal.keys.urls")),
    path("", include("hubportal.notifications.team_urls")),
    path("", include("hubportal.teams.urls")),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("service-worker.js", push_views.service_worker, name="service-worker"),
    path("accounts/notifications/", include("hubportal.notifications.urls")),
    path("accounts/", include("hubportal.accounts.urls")),
    path("sandbox-notice/", sandbox_notice.close, name="close-sandbox-notice"),
    path("teams/", home.start, name="start-team"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("t/<slug:team>/", include(team_pages)),
    path("media/<uuid:pk>/<slug:kind>", files.media, name="media"),
    path("admin/", site.urls),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.metrics, name="metrics"),
]

handler400 = "hubportal.operations.request_limits.bad_request"
handler500 = "hubportal.operations.error_pages.server_error"
# Read by allauth, not by Django.
handler429 = "hubportal.accounts.views.too_many_requests"
