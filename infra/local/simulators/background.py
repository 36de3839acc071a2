"""Background work after a response, and its settings."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

logger = logging.getLogger(__name__)


class SimulatorSettings(BaseModel):
    """Settings of control calls; durations in seconds, processing and sending on the simulated clock.

    `host_map` redirects picture fetches for a host. `not_ready_after_finished` publish calls per container get
    9007/2207027 (24/4279009 at Threads) despite FINISHED. `refuse_past_due`: refuse a past `dueAt` or send at once
    (undocumented).
    """

    model_config = ConfigDict(extra="forbid")

    host_map: dict[str, str] = Field(default_factory=dict)
    fetch_timeout: float = Field(default=5.0, gt=0)
    processing_seconds: float = Field(default=0.3, ge=0)
    sending_seconds: float = Field(default=1.0, ge=0)
    not_ready_after_finished: int = Field(default=0, ge=0)
    refuse_past_due: bool = True


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.error("background work failed", exc_info=task.exception())

    async def idle(self) -> None:
        """Wait until no work is left."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
