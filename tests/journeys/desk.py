"""`python -m tests.journeys.desk`: bin/manage for one command after another, without a Python started for each.

Orders come as lines of JSON on standard input: [arguments, what is typed]. So do answers: [exit status, what was said].
"""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from django.core.management import execute_from_command_line
from django.db import connections

from hubportal.launcher.site_defaults import apply_defaults


def carry_out(arguments: list[str], typed: str) -> tuple[int, str]:
    said, sys.stdin = StringIO(), StringIO(typed)
    with redirect_stdout(said), redirect_stderr(said):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as end:
            return int(end.code or 0), said.getvalue()
        finally:
            connections.close_all()
    return 0, said.getvalue()


if __name__ == "__main__":
    apply_defaults()
    for order in sys.__stdin__:
        sys.stdout.write(json.dumps(carry_out(*json.loads(order))) + "\n")
        sys.stdout.flush()
