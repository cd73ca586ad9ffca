"""What the pages and e-mails about signing in say of a device, and of recovery codes."""

from django import template

from hubportal.accounts.two_factor import codes_left
from hubportal.accounts.wording import device_name

register = template.Library()
register.filter("codes_left", codes_left)
register.filter("device", device_name)
