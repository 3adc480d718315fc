"""Random `kill -9` of everything that runs: nothing is lost, and no metric changes."""

import json
import os
import random
import signal
import subprocess
import time

import psutil
import pytest
import yaml

from tests.processes import assert_nothing_runs, running_in
from tests.project import LONG, STUDY

pytestmark = pytest.mark.slow

# How often to kill each; `KILLS=200` is what the project promises, and takes some minutes.
KILLS = int(os.environ.get("KILLS", 40))
TRIALS = 50

# A walk of random numbers, slow enough to be killed, with a checkpoint that takes some writing.
WALK = """
import random, time

def train(config, trial):
    place = trial.resume() or {"at": 0.0, "ballast": b"x" * 200_000}
    for epoch in trial.epochs(8):
        time.sleep(NAP)
        place["at"] += random.gauss(0, config["lr"])
        trial.report(epoch, val_score=place["at"])
        trial.checkpoint(place)
    return {"val_score": place["at"]}
"""


@pytest.fixture
def walks(project):
    """A project of 50 checkpointing trials."""
    walk = WALK.replace("NAP", f"{0.0015 * KILLS}")  # so long that it can be killed so often
    (project.path / "scripts/walk.py").write_text(walk)
    objective = {"entrypoint": "scripts/walk.py:train", "metric": "val_score", "mode": "max"}
    searches = {"random": {"sampler": "random", "trials": TRIALS}}
    project.write(
        {**STUDY, "objective": objective, "searches": searches, "seeds": [3], "retries": 1000}
    )
    return project


def start(project) -> subprocess.Popen:
    # A lock is left by each Snakemake that is killed.
    return project.start("--nolock", "--quiet", "all", "--until", "aggregate")


def kinds(project, run: subprocess.Popen) -> dict[str, list[psutil.Process]]:
    """What runs of a study, by what it does."""
    found = {name: [] for name in KINDS}
    found["snakemake"].append(psutil.Process(run.pid))
    for process in running_in(project):
        try:
            runs = process.cmdline()
            depth = sum(_is_trial(each.cmdline()) for each in [process, *process.parents()])
        except psutil.NoSuchProcess:
            continue
        if depth:
            first = "warm" if "snaketune.running.warm" in runs else "watches"
            found[(first, "trains")[depth - 1]].append(process)
        elif any(part.endswith("client.py") for part in runs[:4]):
            found["client"].append(process)
    return {kind: processes for kind, processes in found.items() if processes}


KINDS = ("snakemake", "client", "warm", "watches", "trains")


def _is_trial(runs: list[str]) -> bool:
    return "snaketune.running.warm" in runs or "snaketune.running.runner" in runs[:4]


def kill_at_random(project, chance: random.Random) -> dict[str, int]:
    """Run the study, and start it again whenever it is gone, until there were enough kills."""
    killed, run = dict.fromkeys(KINDS, 0), start(project)
    due = time.monotonic() + LONG + 10 * KILLS
    while sum(killed.values()) < KILLS:
        assert time.monotonic() < due, killed
        time.sleep(chance.uniform(0.02, 0.4))
        if run.poll() is not None:
            if len(project.records()) == TRIALS:
                break
            run = start(project)
            continue
        running = kinds(project, run)
        if "trains" not in running:
            continue  # nothing to lose yet
        # Snakemake takes a while to start again.
        kind = chance.choices(list(running), [1, *[3] * (len(running) - 1)])[0]
        try:
            chance.choice(running[kind]).kill()
        except psutil.NoSuchProcess:
            continue
        killed[kind] += 1
        if kind == "snakemake":
            run.wait(LONG)
    run.send_signal(signal.SIGKILL)
    run.wait(LONG)
    return killed


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_random_kills_lose_nothing_and_change_no_metric(walks, tmp_path, warm):
    undisturbed = walks.copy(tmp_path / "undisturbed")
    undisturbed.train("--config", "warm=false")
    table = undisturbed.rows()
    assert len({row["val_score"] for row in table}) == TRIALS

    walks.write({**yaml.safe_load((walks.path / "config.yaml").read_text()), "warm": warm})
    killed = kill_at_random(walks, random.Random(0))
    assert sum(killed.values()) == KILLS, killed
    print(killed)
    assert_nothing_runs(walks)
    assert (killed["warm"] > 0) == (killed["client"] > 0) == warm
    walks.train("--nolock")
    assert walks.rows() == table
    assert [row["epochs"] for row in walks.rows()] == ["8"] * TRIALS
    left = {p.name for p in walks.path.glob("results/trials/*/*")}
    assert {name for name in left if "checkpoint" in name} == set()


FILLS = """
import os

def train(config, trial):
    place = trial.resume() or {"at": 0.0}
    for epoch in trial.epochs(3):
        place["at"] += config["lr"]
        trial.report(epoch, val_score=place["at"])
        trial.checkpoint({**place, "ballast": os.urandom(100_000)})
    print("x" * 60_000)  # the log fills the disk as well
    return {"val_score": place["at"], **{f"more_{n}": n for n in range(1_000)}}
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_leaves_whole_records_only(project):
    (project.path / "scripts/fills.py").write_text(FILLS)
    objective = {"entrypoint": "scripts/fills.py:train", "metric": "val_score", "mode": "max"}
    searches = {"random": {"sampler": "random", "trials": 20}}
    project.write({**STUDY, "objective": objective, "searches": searches})
    disk = project.path / "results"
    disk.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True, timeout=LONG
    )
    try:
        project.run("--keep-going", succeeds=False)
        records = [path.read_text() for path in disk.glob("trials/*/record.json")]
        assert 0 < len(records) < 20
        assert {json.loads(text)["status"] for text in records} == {"complete"}
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True, timeout=LONG)
        before = project.records()
        project.train()
        after = project.records()
        assert len(after) == 20
        assert {i: after[i] for i in before} == before
        assert {row["status"] for row in project.rows()} == {"complete"}
    finally:
        subprocess.run(["umount", disk], check=True, timeout=LONG)
