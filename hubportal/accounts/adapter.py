"""How allauth is bent to this site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether a stranger may make an account (interface.md, SIGNUP)."""
        return bool(settings.SIGNUP == "open")
