"""`python -m hubportal.launcher run`, `… manage ARGUMENTS`: what bin/run and bin/manage become."""

import os
import signal
import sys
from typing import Never

from hubportal.launcher.messages import StartupError, StopRequested, print_error

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(command: str, *arguments: str) -> int:
    try:
        {"run": run, "manage": manage}[command](arguments)
    except StopRequested:
        return 0
    except StartupError as error:
        print_error(str(error))
    return 1


def run(arguments: tuple[str, ...]) -> Never:
    install_signal_handlers()
    # Only now: loading takes long enough for a Ctrl-C, and that must not end in a traceback.
    from hubportal.launcher.startup import run_site

    if arguments:
        raise StartupError("bin/run takes no arguments; settings go before it: PORT=8080 bin/run")
    run_site()


def install_signal_handlers() -> None:
    for number in STOP_SIGNALS:
        # Under nohup a closed terminal is to be ignored.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, request_stop)


def request_stop(*_: object) -> Never:
    # Stopping takes at most ten seconds; a second Ctrl-C must not interrupt it and leave half of the site running.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise StopRequested


def manage(arguments: tuple[str, ...]) -> Never:
    from hubportal.launcher.site_defaults import ROOT, apply_defaults

    apply_defaults()
    os.execv(  # noqa: S606 - no shell is wanted between the person and manage.py
        sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments]
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
