"""What allauth does otherwise on this site: who may sign up, which words it uses, where its links lead."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.signup import signup_permission
from hubportal.accounts.wording import ACCOUNT_ERRORS, REAUTHENTICATION_METHODS


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | ACCOUNT_ERRORS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make an account: everybody (interface.md, SIGNUP), or the invited."""
        return settings.SIGNUP == "open" or signup_permission(request) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whether the address needs no confirming, since an invitation came by it; no other address gains by that."""
        permission = signup_permission(request)
        return bool(permission and permission.verified and permission.email == email.strip().lower())

    def save_user(self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", user.name)
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Whether the address became the person's: not one that another account is known by, confirmed or not."""
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            context = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", context)
            return False
        return bool(super().confirm_email(request, email_address))

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """allauth's ways to show that it is still the same person, in our words."""
        return [
            method | {"description": REAUTHENTICATION_METHODS[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]

    # A link in an e-mail leads to the site's own address, whatever Host the request named.

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        person, _dash, token = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[person, token])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, context | {"site_url": settings.SITE_URL})
