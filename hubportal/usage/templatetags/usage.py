"""A budget's words, for templates: `{% load usage %}`."""

from django import template

from hubportal.usage import budget_wording

register = template.Library()
register.filter("what_is_asked", budget_wording.what_is_asked)
register.filter("what_became_of", budget_wording.what_became_of)
