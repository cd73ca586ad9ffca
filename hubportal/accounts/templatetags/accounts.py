"""What the pages and e-mails about signing in say of a device, and of recovery codes; and where their forms begin."""

from django import forms, template

from hubportal.accounts.two_factor import codes_left
from hubportal.accounts.wording import device_name

register = template.Library()
register.filter("codes_left", codes_left)
register.filter("device", device_name)


@register.filter
def focused(form: forms.BaseForm) -> forms.BaseForm:
    """The form, with the cursor in its first field that is wrong or empty. A password never comes back filled in."""
    fields = form.visible_fields()
    wrong = (field for field in fields if field.errors)
    empty = (field for field in fields if field.widget_type == "password" or not field.value())
    for field in (*wrong, *empty)[:1]:
        field.field.widget.attrs["autofocus"] = True
    return form
