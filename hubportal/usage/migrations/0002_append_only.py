"""The database itself refuses to change a ledger entry, whatever the code above it tries (house.md, 9)."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER usage_ledgerentry_append_only BEFORE UPDATE ON usage_ledgerentry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""

POSTGRESQL = """
CREATE FUNCTION usage_ledgerentry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER usage_ledgerentry_append_only BEFORE UPDATE ON usage_ledgerentry
FOR EACH ROW EXECUTE FUNCTION usage_ledgerentry_refuse()
"""


def forbid(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def allow(apps, schema_editor):
    on = " ON usage_ledgerentry" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER usage_ledgerentry_append_only{on}")


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
