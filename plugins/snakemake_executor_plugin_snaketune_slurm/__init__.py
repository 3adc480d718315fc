"""Slurm jobs in which trials run side by side, and from one warm process.

An executor plugin of Snakemake, chosen by ``executor: snaketune-slurm`` in profiles/slurm. It
submits jobs as snakemake-executor-plugin-slurm does. Inside a Slurm job that plugin starts one more
Snakemake for each trial of a group, one after another. Here a single Snakemake runs the group as a
bare ``snakemake --cores N`` does, within the cores, memory and GPUs of the Slurm job.
"""

import itertools
import os
import time
from contextlib import suppress
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings
from snakemake_interface_executor_plugins.utils import format_cli_arg, join_cli_args

try:
    from snakemake_executor_plugin_slurm import Executor as _SlurmExecutor
    from snakemake_executor_plugin_slurm import ExecutorSettings, common_settings
except ModuleNotFoundError:
    # Snakemake imports every plugin at each start, also where nobody asks for this one.
    common_settings = CommonSettings(
        non_local_exec=True, implies_no_shared_fs=False, job_deploy_sources=False
    )

    class Executor(RemoteExecutor):  # type: ignore[misc]  # Snakemake's interfaces have no types
        """Says what is missing."""

        def __new__(cls, *args: object) -> "Executor":
            raise WorkflowError(
                "The executor snaketune-slurm needs snakemake-executor-plugin-slurm: "
                "python -m pip install --constraint constraints.txt --editable '.[slurm]'"
            )

else:
    __all__ = ["Executor", "ExecutorSettings", "common_settings"]

    class Executor(_SlurmExecutor):  # type: ignore[misc, no-redef]
        """Submits as snakemake-executor-plugin-slurm does."""

        def additional_general_args(self) -> str:
            """Arguments of every Snakemake inside a Slurm job."""
            return "--executor local"

        def get_job_args(self, job: Any) -> str:
            """Arguments of the one that makes `job`: what to make, and within which limits."""
            limits = {name: job.resources.get(name) for name in ("mem_mb", "gpu")}
            arguments: str = join_cli_args(
                [
                    super().get_job_args(_Missing(job) if job.is_group() else job),
                    format_cli_arg("--cores", job.threads),
                    format_cli_arg(
                        "--resources", [f"{name}={n}" for name, n in limits.items() if n]
                    ),
                ]
            )
            return arguments

        def clean_old_logs(self) -> None:
            """Delete logs of Slurm jobs when they are as old as the option says, and no folder.

            That plugin deletes empty folders as well. Jobs of another run that wait in the queue
            would have written their logs there, and fail. This run itself would fail where both
            clean at once.
            """
            days = self.workflow.executor_settings.delete_logfiles_older_than
            if days <= 0 or self.workflow.executor_settings.keep_successful_logs:
                return
            for path in self.slurm_logdir.rglob("*.log"):
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_mtime > days * 24 * 3600:
                        path.unlink()


class _Missing:
    """The jobs of a group whose output is not there yet: another attempt makes no others."""

    def __init__(self, group: Any) -> None:
        self._group = group

    def __getattr__(self, name: str) -> Any:
        return getattr(self._group, name)

    def get_target_spec(self) -> list[Any]:
        """The jobs to make: the first one where none is missing, for no target means all."""
        targets = {job: job.get_target_spec() for job in self._group.jobs}
        missing = [t for job, t in targets.items() if not all(map(os.path.exists, job.output))]
        return list(itertools.chain(*(missing or list(targets.values())[:1])))
