from django.db import migrations

# In the database, or a million entries would take minutes.
INSERT = """
INSERT INTO {table} (
    team_id, {span}, author_id, key, model,
    charged, refunded, corrected, charges, refunds, corrections, pictures
)
SELECT
    team_id, {start}, author_id, COALESCE(key_id, '00000000000000000000000000000000'), model,
    SUM(CASE WHEN kind = 'charge' THEN credits ELSE 0 END),
    SUM(CASE WHEN kind = 'refund' THEN credits ELSE 0 END),
    SUM(CASE WHEN kind = 'correction' THEN credits ELSE 0 END),
    SUM(CASE WHEN kind = 'charge' THEN 1 ELSE 0 END),
    SUM(CASE WHEN kind = 'refund' THEN 1 ELSE 0 END),
    SUM(CASE WHEN kind = 'correction' THEN 1 ELSE 0 END),
    SUM(pictures)
FROM usage_ledgerentry
GROUP BY 1, 2, 3, 4, 5
"""


def fill(apps, schema_editor):
    """Add up what is in the ledger by day, and by month."""
    month = "date_trunc('month', day)::date" if schema_editor.connection.vendor == "postgresql" else "date(day, 'start of month')"
    schema_editor.execute(INSERT.format(table="usage_dailytotal", span="day", start="day"))
    schema_editor.execute(INSERT.format(table="usage_monthlytotal", span="month", start=month))


class Migration(migrations.Migration):
    # Apart from the tables: PostgreSQL changes no table in the transaction that filled it.

    dependencies = [("usage", "0002_totals")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
