"""What the worker does again and again, whatever engine runs it (settings.TASKS)."""

from dataclasses import dataclass

_GALLERY = "hubportal.gallery"
_GENERATIONS, _LIFECYCLE = "hubportal.generations.tasks", "hubportal.lifecycle.tasks"
_NOTIFICATIONS = "hubportal.notifications"


def _recurring(schedule: str, task: str, queue: str = "default") -> dict[str, str]:
    """`schedule` is cron's, in UTC."""
    return {"task_path": task, "schedule": schedule, "queue_name": queue}


RECURRING = {
    "make_small_thumbs": _recurring("3 * * * *", f"{_GENERATIONS}.make_small_thumbs", "download"),
    "read_palettes": _recurring("13 * * * *", f"{_GENERATIONS}.read_palettes", "download"),
    "read_hashes": _recurring("23 * * * *", f"{_GENERATIONS}.read_hashes", "download"),
    "delete_unused_references": _recurring("27 * * * *", f"{_GENERATIONS}.delete_unused_references"),
    "delete_marked_pictures": _recurring("*/5 * * * *", f"{_LIFECYCLE}.delete_marked_pictures"),
    "purge_bin": _recurring("43 * * * *", f"{_GALLERY}.tasks.purge_bin"),
    "delete_expired_selections": _recurring("33 * * * *", f"{_GALLERY}.selection.tasks.delete_expired_selections"),
    "delete_expired_conversions": _recurring("53 * * * *", f"{_GALLERY}.conversion.tasks.delete_expired_conversions"),
    "finish_tag_endings": _recurring("13 * * * *", f"{_GALLERY}.tags.tasks.finish_tag_endings"),
    "finish_collection_endings": _recurring("14 * * * *", f"{_GALLERY}.collections.tasks.finish_collection_endings"),
    "delete_due_teams": _recurring("*/5 * * * *", f"{_LIFECYCLE}.delete_due_teams"),
    "forget_old_audit": _recurring("17 3 * * *", f"{_LIFECYCLE}.forget_old_audit"),
    "forget_old_sessions": _recurring("37 3 * * *", f"{_LIFECYCLE}.forget_old_sessions"),
    "forget_old_notifications": _recurring("47 3 * * *", f"{_NOTIFICATIONS}.tasks.forget_old"),
    "read_models": _recurring("* * * * *", "hubportal.keys.tasks.read_models", "looks"),
    "check_stale_keys": _recurring("* * * * *", "hubportal.keys.tasks.check_stale_keys"),
    "warn_of_keys": _recurring("*/5 * * * *", "hubportal.keys.tasks.send_key_warnings"),
    "estimate_spending_rates": _recurring("7 * * * *", "hubportal.usage.tasks.estimate_spending_rates"),
    "send_monthly_reports": _recurring("11 * * * *", "hubportal.usage.tasks.send_monthly_reports"),
}


@dataclass(frozen=True, slots=True)
class WhileNeeded:
    """A task that is enqueued every `interval` seconds, as long as the function `needed` says that it has work."""

    task: str
    needed: str
    interval: float


# Enqueueing a job, running and deleting it takes a hundred times what it takes to see that there is nothing to do.
WHILE_NEEDED = {
    "poll": WhileNeeded(f"{_GENERATIONS}.poll", "hubportal.generations.worker.poll.anything_running", 10),
    "sweep": WhileNeeded(f"{_GENERATIONS}.sweep", "hubportal.generations.worker.sweep.anything_left_behind", 15),
    "compare_balances": WhileNeeded(
        f"{_GENERATIONS}.compare_balances", "hubportal.generations.account_checks.anything_to_compare", 60
    ),
    "carry_on_bulk_changes": WhileNeeded(
        f"{_GALLERY}.selection.tasks.carry_on_bulk_changes",
        f"{_GALLERY}.selection.run.anything_left_behind",
        60,
    ),
    "retire_keys": WhileNeeded(f"{_LIFECYCLE}.retire_keys", "hubportal.lifecycle.key_retirement.anything_retiring", 15),
    "mail_invitations": WhileNeeded(
        "hubportal.teams.tasks.mail_invitations", "hubportal.teams.emails.anything_to_mail", 60
    ),
    "deliver_notifications": WhileNeeded(
        f"{_NOTIFICATIONS}.tasks.deliver", f"{_NOTIFICATIONS}.delivery.anything_to_send", 30
    ),
    "tell_inviters": WhileNeeded(
        f"{_NOTIFICATIONS}.accepted_invitations.tell_inviters",
        f"{_NOTIFICATIONS}.accepted_invitations.anybody_to_tell",
        30,
    ),
}
