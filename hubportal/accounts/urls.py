"""The addresses below /accounts/: the person's own page, and allauth's under the names it knows them by.

Some of allauth's are answered by our own views: single sign-on, and the pages on which a second step is set up. For
their sake two-factor's are named one by one: an address must not be there twice.
"""

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path

from hubportal.accounts import views

own = [
    path("", views.you, name="you"),
    path("theme/", views.change_theme, name="theme"),
    path("time-zone/", views.change_time_zone, name="time-zone"),
]

two_factor = [
    path("", views.TwoFactorView.as_view(), name="mfa_index"),
    path("authenticate/", base.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", views.ActivateAppView.as_view(), name="mfa_activate_totp"),
    path("totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", views.RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("webauthn/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("", include("allauth.account.urls")),
    path("2fa/", include(two_factor)),
    path("sessions/", include("allauth.usersessions.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("oidc/<slug:provider_id>/login/", views.oidc_sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.oidc_callback, name="openid_connect_callback"),
]
