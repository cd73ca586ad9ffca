"""`python -m hubportal.launcher run`, `… manage ARGUMENTS`: what bin/run and bin/manage become."""

import os
import signal
import sys
from typing import Never

from hubportal.launcher.messages import Refusal, Stopped, complain

ORDERS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(command: str, *arguments: str) -> int:
    try:
        {"run": run, "manage": manage}[command](arguments)
    except Stopped:
        return 0
    except Refusal as refusal:
        complain(str(refusal))
    return 1


def run(arguments: tuple[str, ...]) -> Never:
    heed_orders()
    # Only now: loading takes long enough for a Ctrl-C, and that must not end in a traceback.
    from hubportal.launcher.startup import run_site

    if arguments:
        raise Refusal("bin/run takes no arguments; settings go before it: PORT=8080 bin/run")
    run_site()


def heed_orders() -> None:
    for number in ORDERS_TO_STOP:
        # nohup has had its say about a closed terminal.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def stop(*_: object) -> Never:
    # One order is enough: ending takes at most ten seconds, and a second Ctrl-C must not leave half of it running.
    for number in ORDERS_TO_STOP:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def manage(arguments: tuple[str, ...]) -> Never:
    from hubportal.launcher.site_defaults import ROOT, settle

    settle()
    os.execv(  # noqa: S606 - no shell is wanted between the person and manage.py
        sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments]
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
