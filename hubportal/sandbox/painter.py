"""Works off what was accepted: waits as long as the plan says, paints off the event loop, writes down the outcome."""

import asyncio
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hubportal.sandbox.generations import Generations
from hubportal.sandbox.moments import plan_for
from hubportal.sandbox.pictures.draw import paint
from hubportal.sandbox.plan import Plan
from hubportal.sandbox.records import Generation

log = logging.getLogger(__name__)


class Painter:
    """One asyncio task for each running generation; pictures are PNG files in `folder`."""

    def __init__(self, generations: Generations, folder: Path, pace: float) -> None:
        self._generations = generations
        self._folder = folder
        self._pace = pace
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._hands = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sandbox-painter")

    def plan(self, prompt: str, images: int) -> Plan:
        """How the painting for this prompt goes."""
        return plan_for(prompt, images, self._pace)

    def begin(self, generation: Generation) -> None:
        """Start, or after a restart carry on with, a running generation."""
        task = asyncio.create_task(self._work(generation))
        self._tasks[generation.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(generation.id, None))

    def carry_on(self) -> None:
        """Take up everything that a previous run of the server left unfinished."""
        for generation in self._generations.running():
            self.begin(generation)

    async def wait(self, generation: Generation, seconds: float) -> None:
        """Until the generation has come to its end, at most so many seconds."""
        task = self._tasks.get(generation.id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    def picture(self, image_id: str) -> Path:
        """Where an image's bytes are."""
        return self._folder / f"{image_id}.png"

    async def close(self) -> None:
        """Put the brushes down; what is unfinished stays running in the records."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._hands.shutdown(cancel_futures=True)

    async def _work(self, generation: Generation) -> None:
        if generation.due_at is None:
            await asyncio.Event().wait()
            return
        await asyncio.sleep(max(0.0, generation.due_at - time.time()))
        plan = self.plan(generation.prompt, generation.n)
        loop = asyncio.get_running_loop()
        painting = [loop.run_in_executor(self._hands, self._paint, generation, i) for i in range(plan.images)]
        try:
            images = await asyncio.gather(*painting)
        except (OSError, ValueError, MemoryError) as error:
            log.warning("painting %s failed: %s", generation.id, error)
            self._generations.finish(generation, (), "The picture couldn't be painted.")
        else:
            self._generations.finish(generation, images, plan.failure)

    def _paint(self, generation: Generation, index: int) -> str:
        """Paint one picture into its file and give its id."""
        image_id = f"img_{secrets.token_hex(10)}"
        data = paint(generation.prompt, index, generation.width, generation.height, generation.tint)
        unfinished = self.picture(image_id).with_suffix(".part")
        unfinished.write_bytes(data)
        unfinished.rename(self.picture(image_id))
        return image_id
