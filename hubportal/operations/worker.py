"""The worker's one process: the engine's supervisor, whose parts sleep until there is something to do."""

from typing import Any

from dj_queue.runtime.notify import NoopWakeupBackend
from dj_queue.runtime.supervisor import AsyncSupervisor
from dj_queue.runtime.worker import Worker

from hubportal.operations.clock import Clock
from hubportal.operations.wakeup import Wakeup


class WorkerProcess(AsyncSupervisor):
    """All parts of the engine as threads. Its workers are woken by one `Wakeup` instead of a listener each.

    `_build_runners` and `_rebuild_runner` are no promise of the library's: tests/operations/test_worker_process.py
    notices when they go.
    """

    # Seconds. The engine's own is 0.1, and nothing that the supervisor does is due more often than this.
    polling_interval = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._helpers: list[Wakeup | Clock] = []

    def start_runners(self) -> Any:
        runners = super().start_runners()  # type: ignore[no-untyped-call]
        self._helpers = [Wakeup(self._wake), Clock()]
        for helper in self._helpers:
            helper.start()
        return runners

    def stop(self) -> Any:
        while self._helpers:
            self._helpers.pop().stop()
        return super().stop()  # type: ignore[no-untyped-call]

    def _wake(self, queues: set[str]) -> None:
        for runner in list(self.runners):
            if isinstance(runner, Worker) and not queues.isdisjoint(runner.config.queues):
                runner.sleeper.wake_up()

    def _build_runners(self) -> list[Any]:
        return [_without_listener(runner) for runner in super()._build_runners()]  # type: ignore[no-untyped-call]

    def _rebuild_runner(self, runner: Any) -> Any:
        return _without_listener(super()._rebuild_runner(runner))  # type: ignore[no-untyped-call]


def _without_listener(runner: Any) -> Any:
    if isinstance(runner, Worker):
        runner.wakeup_backend = NoopWakeupBackend()
    return runner
