from django.db import migrations

EVENTS = ("key.warning", "credits.expire")
MANAGERS = ("owner", "admin")


def keep_refusals(apps, schema_editor):
    """Who wanted no e-mail about the keys of any team whose keys they look after wants none now."""
    Membership = apps.get_model("teams", "Membership")
    Preference = apps.get_model("notifications", "Preference")
    managing = Membership.objects.filter(role__in=MANAGERS)
    wanting = managing.filter(wants_key_warnings=True).values("user")
    refusing = managing.exclude(user__in=wanting).order_by("user").values_list("user", flat=True).distinct()
    Preference.objects.bulk_create(
        [
            Preference(user_id=user, event=event, channel="email", wanted=False)
            for user in refusing
            for event in EVENTS
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("notifications", "0001_initial"),
        ("teams", "0001_initial"),
    ]

    operations = [migrations.RunPython(keep_refusals, migrations.RunPython.noop)]
