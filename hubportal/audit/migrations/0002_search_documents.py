import django.db.models.deletion
from django.db import migrations, models

from hubportal.listing.search.index import Description, SearchIndex
from hubportal.listing.search.schema import create_terms, drop_terms

TABLE = "audit_auditdocument"


def describe(entry):
    by = "site" if entry.by_id is None else f"a{entry.by_id}"
    return Description(entry.team_id, frozenset({by, f"d{entry.action.encode().hex()}"}))


def create(apps, schema_editor):
    create_terms(schema_editor, TABLE)


def fill(apps, schema_editor):
    """With what is found of an entry as of this migration."""
    entries = apps.get_model("audit", "AuditEntry")
    index = SearchIndex(
        entries,
        apps.get_model("audit", "AuditDocument"),
        describe=describe,
        words=lambda entry: f"{entry.about} {entry.by_name} {entry.by_email}",
        rows=entries.objects.all,
        time="at",
    )
    for _ in index.rebuild():
        pass


def drop(apps, schema_editor):
    drop_terms(schema_editor, TABLE)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditDocument',
            fields=[
                ('place', models.BigAutoField(primary_key=True, serialize=False)),
                ('tenant', models.BigIntegerField()),
                ('facts', models.TextField()),
                ('row', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='audit.auditentry')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
