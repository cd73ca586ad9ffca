from django.urls import path

from hubportal.teams.views import audit_log, invitations, members, ownership, settings

app_name = "teams"
urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/leaving/", members.leaving, name="leaving"),
    path("members/<int:pk>/role/", members.role, name="role"),
    path("members/<int:pk>/removal/", members.removal, name="removal"),
    path("members/<int:pk>/ownership/", ownership.offer, name="offer"),
    path("members/<int:pk>/ownership/withdrawal/", ownership.withdrawal, name="withdraw-offer"),
    path("ownership/", ownership.ownership, name="ownership"),
    path("ownership/refusal/", ownership.refusal, name="decline-ownership"),
    path("invitations/<uuid:pk>/resending/", invitations.resending, name="resend"),
    path("invitations/<uuid:pk>/cancellation/", invitations.cancellation, name="cancel-invitation"),
    path("audit/", audit_log.audit, name="audit"),
    path("audit.csv", audit_log.audit_csv, name="audit-csv"),
    path("settings/", settings.settings, name="settings"),
    path("settings/time-zone/", settings.time_zone, name="time-zone"),
    path("settings/two-factor/", settings.two_factor, name="require-two-factor"),
    path("settings/deletion/", settings.deletion, name="deletion"),
    path("settings/deletion/withdrawal/", settings.keep_after_all, name="keep-after-all"),
    path("two-factor/", settings.second_step, name="second-step"),
]
