"""A real Slurm, and a project that runs on it."""

import subprocess

import pytest

from tests.cluster.one_node import Cluster
from tests.project import LONG, Project, snakemake

# What a real cluster does not need: there `sacct` knows how jobs end, and seconds do not matter.
HERE = (
    "--snaketune-slurm-status-command",
    "squeue",
    "--snaketune-slurm-init-seconds-before-status-checks",
    "2",
    "--seconds-between-status-checks",
    "2",
    "--latency-wait",
    "10",
)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The cluster, for all tests."""
    with Cluster(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


class ClusterProject(Project):
    """A project whose runs may be submitted to the cluster."""

    cluster: Cluster

    def submission(self, *arguments: str) -> list[str]:
        """The command line that runs the study on the cluster, by profiles/slurm."""
        profile = ("--profile", "profiles/slurm", *HERE)
        return snakemake(*profile, *arguments)

    def start_there(self, *arguments: str) -> subprocess.Popen:
        """Start a run on the cluster."""
        run = subprocess.Popen(
            self.submission(*arguments),
            cwd=self.path,
            env=self.cluster.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(run)
        return run

    def submit(self, *arguments: str, succeeds: bool = True) -> str:
        """Run on the cluster to the end; what was printed."""
        running = self.start_there(*arguments)
        said, _ = running.communicate(timeout=LONG)
        assert (running.returncode == 0) == succeeds, said
        return said

    def records(self) -> dict[str, str]:
        """Each record as it stands: after a job, Snakemake gives all of its files the same age."""
        paths = self.path.glob("results/trials/*/record.json")
        return {path.parent.name: path.read_text() for path in paths}


@pytest.fixture
def project(tmp_path, cluster):
    """A fresh project of which nothing has run, on the cluster."""
    project = ClusterProject.create(tmp_path / "project")
    project.cluster = cluster
    yield project
    project.end()
