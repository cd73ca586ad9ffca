"""What a browser says of itself when it wants to be told."""

from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from hubportal.notifications.push_encryption import decode, read_point


class BrowserForm(forms.Form):
    endpoint = forms.CharField(max_length=500)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean_endpoint(self) -> str:
        """Whether it may be visited is judged when it is (hub/public_hosts.py); here, what can't be one."""
        endpoint = str(self.cleaned_data["endpoint"])
        try:
            parts = urlsplit(endpoint)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" or not parts.hostname or not endpoint.isascii():
            raise forms.ValidationError(_("That is no address of a push service."))
        return endpoint

    def clean_p256dh(self) -> str:
        text = str(self.cleaned_data["p256dh"])
        try:
            read_point(text)
        except ValueError:
            raise forms.ValidationError(_("That is no key of a browser.")) from None
        return text

    def clean_auth(self) -> str:
        text = str(self.cleaned_data["auth"])
        try:
            secret = decode(text)
        except ValueError:
            secret = b""
        if len(secret) != 16:
            raise forms.ValidationError(_("That is no secret of a browser."))
        return text
