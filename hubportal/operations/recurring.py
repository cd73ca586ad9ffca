"""What the worker does again and again, whatever engine runs it (settings.TASKS)."""

_GENERATIONS, _LIFECYCLE = "hubportal.generations.tasks", "hubportal.lifecycle.tasks"


def _recurring(schedule: str, task: str, queue: str = "default") -> dict[str, str]:
    """`schedule` is cron's, with seconds in front where it has six fields; in UTC."""
    return {"task_path": task, "schedule": schedule, "queue_name": queue}


RECURRING = {
    "poll": _recurring("*/10 * * * * *", f"{_GENERATIONS}.poll", "poll"),
    "sweep": _recurring("*/15 * * * * *", f"{_GENERATIONS}.sweep"),
    "make_small_thumbs": _recurring("3 * * * *", f"{_GENERATIONS}.make_small_thumbs", "download"),
    "delete_unused_references": _recurring("27 * * * *", f"{_GENERATIONS}.delete_unused_references"),
    "retire_keys": _recurring("*/15 * * * * *", f"{_LIFECYCLE}.retire_keys"),
    "delete_marked_pictures": _recurring("*/5 * * * *", f"{_LIFECYCLE}.delete_marked_pictures"),
    "purge_bin": _recurring("43 * * * *", "hubportal.gallery.tasks.purge_bin"),
    "delete_due_teams": _recurring("*/5 * * * *", f"{_LIFECYCLE}.delete_due_teams"),
    "forget_old_audit": _recurring("17 3 * * *", f"{_LIFECYCLE}.forget_old_audit"),
    "forget_old_sessions": _recurring("37 3 * * *", f"{_LIFECYCLE}.forget_old_sessions"),
    "read_models": _recurring("* * * * *", "hubportal.keys.tasks.read_models", "looks"),
    "check_stale_keys": _recurring("* * * * *", "hubportal.keys.tasks.check_stale_keys"),
    "mail_invitations": _recurring("* * * * *", "hubportal.teams.tasks.mail_invitations"),
    "warn_of_keys": _recurring("*/5 * * * *", "hubportal.keys.tasks.send_key_warnings"),
    "estimate_spending_rates": _recurring("7 * * * *", "hubportal.usage.tasks.estimate_spending_rates"),
}
