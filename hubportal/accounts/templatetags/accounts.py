"""What the pages and e-mails about signing in say of a device, and of recovery codes."""

from django import template

from hubportal.accounts.two_factor import codes_left
from hubportal.accounts.user_agents import device

register = template.Library()
register.filter("device", device)
register.filter("codes_left", codes_left)
