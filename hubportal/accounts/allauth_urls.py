"""allauth's addresses, under the names it knows them by; of single sign-on's it is our own views that answer."""

from django.urls import include, path

from hubportal.accounts import oidc

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("oidc/<slug:provider_id>/login/", oidc.sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.come_back, name="openid_connect_callback"),
]
