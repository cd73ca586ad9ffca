#!/bin/sh
# dj-queue: no signal of django.tasks is sent. Django's reference (ref/signals, "Tasks signals") says of task_enqueued,
# task_started and task_finished when they are sent, and Django's own backends send them; receivers, among them Django's
# own log of tasks, hear nothing of a task that dj-queue enqueues and runs.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "django==6.1.3" "dj-queue==0.14.2"
cd "$work"
cat > jobs.py <<'PYTHON'
from django.tasks import task

@task
def add(a, b):
    return a + b
PYTHON
"$work/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="x", DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "dj_queue"],
    TASKS={"default": {"BACKEND": "dj_queue.backend.DjQueueBackend", "QUEUES": [], "OPTIONS": {}},
           "immediate": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}},
)
django.setup()
from dj_queue.operations.claiming import claim_ready_jobs
from dj_queue.operations.execution import execute_claimed_job
from django.core.management import call_command
from django.tasks import signals

from jobs import add

call_command("migrate", verbosity=0)
heard = []
names = ("task_enqueued", "task_started", "task_finished")
receivers = [lambda name=name, **_: heard.append(name) for name in names]
for name, receiver in zip(names, receivers):
    getattr(signals, name).connect(receiver)

add.using(backend="immediate").enqueue(1, 2)
django_sends, heard[:] = list(heard), []
result = add.enqueue(1, 2)
for job in claim_ready_jobs(limit=1):
    execute_claimed_job(job)
result.refresh()

print(f"dj-queue {version('dj-queue')}, Django {django.__version__}")
print(f"Django's immediate backend sent: {', '.join(django_sends)}")
print(f"dj-queue, whose task ended as {result.status} with {result.return_value}, sent: {', '.join(heard) or 'nothing'}")
as_found = set(django_sends) == set(names) and result.return_value == 3 and not heard
print("As found: a task is enqueued and run, and no receiver hears of it." if as_found else "This behaves differently now.")
sys.exit(0 if as_found else 1)
PYTHON
