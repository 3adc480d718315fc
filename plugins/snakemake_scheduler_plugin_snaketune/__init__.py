"""A scheduler for thousands of small jobs on one machine: any that fit, as soon as they fit.

A scheduler plugin of Snakemake, chosen by ``scheduler: snaketune`` in the profile. Which trial runs
first makes no difference to a study, so nothing is optimised.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snakemake_interface_scheduler_plugins.base import SchedulerBase


class Scheduler(SchedulerBase):  # type: ignore[misc]  # Snakemake's interfaces have no types
    """Takes the ready jobs in their order, those of a higher priority first."""

    def __post_init__(self) -> None:
        # With a limit of jobs per second, each round of Snakemake 9.27's scheduling starts a timer
        # that starts another round, for as long as a job is ready: after a thousand jobs there are
        # a thousand rounds a second, and a core does nothing else.
        self.dag.workflow.scheduling_settings.max_jobs_per_timespan = None

    def select_jobs(
        self,
        selectable_jobs: Sequence[Any],
        remaining_jobs: Sequence[Any],
        available_resources: Mapping[str, int | str],
        input_sizes: Mapping[str, int],
    ) -> Sequence[Any]:
        """The jobs to start now, together within the resources that are free."""
        free: dict[str, Any] = dict(available_resources)
        selected = []
        for job in sorted(selectable_jobs, key=lambda job: -job.priority):
            needed = {name: job.scheduler_resources.get(name, 0) for name in free}
            if all(needed[name] <= free[name] for name in free):
                free = {name: free[name] - needed[name] for name in free}
                selected.append(job)
        return selected
