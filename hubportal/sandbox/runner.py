"""Runs accepted generations: waits as long as the plan says, draws in threads, and stores the outcome."""

import asyncio
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hubportal.sandbox.faults.fault import Plan
from hubportal.sandbox.faults.injection import plan_for
from hubportal.sandbox.pictures.render import render_image
from hubportal.sandbox.records import Generation
from hubportal.sandbox.storage import GenerationStore

# Seconds before its time that the pictures of a generation are drawn, so that it takes no longer than it should.
DRAWING_TIME = 0.9

log = logging.getLogger(__name__)


class GenerationRunner:
    """One asyncio task for each running generation; images are PNG files in `folder`.

    `pace` is how many seconds an ordinary generation takes.
    """

    def __init__(self, generations: GenerationStore, folder: Path, pace: float) -> None:
        self._generations = generations
        self._folder = folder
        self._pace = pace
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sandbox-runner")

    def plan(self, prompt: str, images: int) -> Plan:
        """How a generation with this prompt will go."""
        return plan_for(prompt, images, self._pace)

    def start(self, generation: Generation) -> None:
        """Start a generation that is stored as running, or resume it after a restart."""
        task = asyncio.create_task(self._run(generation))
        self._tasks[generation.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(generation.id, None))

    def resume_all(self) -> None:
        """Resume everything that a previous run of the server left unfinished."""
        for generation in self._generations.running():
            self.start(generation)

    async def wait(self, generation: Generation, seconds: float) -> None:
        """Wait until the generation has ended, at most so many seconds."""
        task = self._tasks.get(generation.id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    def image_path(self, image_id: str) -> Path:
        """Where an image's bytes are."""
        return self._folder / f"{image_id}.png"

    async def close(self) -> None:
        """Stop all tasks; what is unfinished stays stored as running."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._executor.shutdown(cancel_futures=True)

    async def _run(self, generation: Generation) -> None:
        if generation.due_at is None:
            await asyncio.Event().wait()
            return
        await asyncio.sleep(max(0.0, generation.due_at - DRAWING_TIME - time.time()))
        plan = self.plan(generation.prompt, generation.n)
        loop = asyncio.get_running_loop()
        drawing = [loop.run_in_executor(self._executor, self._draw, generation, i) for i in range(plan.images)]
        try:
            images = await asyncio.gather(*drawing)
            await asyncio.sleep(max(0.0, generation.due_at - time.time()))
        except (OSError, ValueError, MemoryError) as error:
            log.warning("drawing %s failed: %s", generation.id, error)
            self._generations.finish(generation, (), "The picture couldn't be painted.")
        else:
            self._generations.finish(generation, images, plan.failure)

    def _draw(self, generation: Generation, index: int) -> str:
        """Draw one image into its file and return its id."""
        image_id = f"img_{secrets.token_hex(10)}"
        data = render_image(generation.prompt, index, generation.width, generation.height, generation.tint)
        unfinished = self.image_path(image_id).with_suffix(".part")
        unfinished.write_bytes(data)
        unfinished.rename(self.image_path(image_id))
        return image_id
