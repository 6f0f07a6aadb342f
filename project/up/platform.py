"""The whole platform on one machine, run until it is told to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from project.up import banner, readiness, redis_server
from project.up.children import Children
from project.up.guard import Guard
from project.up.output import Output, logs_to
from project.up.plan import Plan
from project.up.reload import Report
from project.up.supervisor import Supervisor

PATIENCE_SECONDS = 30.0


async def live(plan: Plan) -> None:
    """Run every process of the plan until a signal comes; none is left when this returns.

    Raises UpError when Redis does not start.
    """
    output = Output()
    guard = Guard(plan.lock.fileno())
    report = Report(plan.folders.reload_report)
    supervisor = Supervisor(Children(plan.environment, output, guard), output, report)
    with logs_to(output):
        try:
            await supervisor.run(_bring_up(plan, supervisor, output))
            output.say("Stopped.")
        finally:
            guard.dismiss()
            output.close()


async def _bring_up(plan: Plan, supervisor: Supervisor, output: Output) -> None:
    if plan.redis:
        supervisor.start([plan.redis])
        await redis_server.answers(plan.folders)
    for stage in reversed(plan.stages):
        supervisor.start(stage)
    await _tell_when_ready(plan, supervisor, output)


async def _tell_when_ready(plan: Plan, supervisor: Supervisor, output: Output) -> None:
    for patience in (PATIENCE_SECONDS, math.inf):
        waiting = await readiness.wait_ready(plan.admin_sockets, patience)
        headline = _headline(waiting, time.monotonic() - plan.began)
        pids = {process.program.name: process.pid for process in supervisor.processes}
        output.say(banner.text(headline, plan.addresses.urls, plan.password, pids))
        if not waiting:
            return


def _headline(waiting: Mapping[str, str], seconds: float) -> str:
    if not waiting:
        return f"Bellwire is ready after {seconds:.1f} s"
    problems = "; ".join(f"{name}: {problem}" for name, problem in waiting.items())
    return f"Bellwire is not ready after {seconds:.0f} s ({problems})"
