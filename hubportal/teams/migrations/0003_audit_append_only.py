"""The database itself refuses to change an entry of the audit trail, or to delete one before thirteen months are over."""

from django.db import migrations

SQLITE = [
    """
CREATE TRIGGER teams_auditentry_unchanged BEFORE UPDATE ON teams_auditentry
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
""",
    """
CREATE TRIGGER teams_auditentry_kept BEFORE DELETE ON teams_auditentry
WHEN OLD.at > datetime('now', '-13 months')
BEGIN SELECT RAISE(ABORT, 'the audit trail is kept for thirteen months'); END
""",
]

POSTGRESQL = [
    """
CREATE FUNCTION teams_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """
CREATE TRIGGER teams_auditentry_unchanged BEFORE UPDATE ON teams_auditentry
FOR EACH ROW EXECUTE FUNCTION teams_auditentry_refuse()
""",
    """
CREATE TRIGGER teams_auditentry_kept BEFORE DELETE ON teams_auditentry
FOR EACH ROW WHEN (OLD.at > now() - interval '13 months') EXECUTE FUNCTION teams_auditentry_refuse()
""",
]


def forbid(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def allow(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name in ("unchanged", "kept"):
        schema_editor.execute(
            f"DROP TRIGGER teams_auditentry_{name}" + (" ON teams_auditentry" if postgresql else "")
        )
    if postgresql:
        schema_editor.execute("DROP FUNCTION teams_auditentry_refuse()")


class Migration(migrations.Migration):
    dependencies = [("teams", "0002_invitations_and_audit")]
    operations = [migrations.RunPython(forbid, allow)]
