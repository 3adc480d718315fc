"""Studies on a real Slurm: what its own records say of them, and what its accidents cost."""

import copy
import json
import os
import shutil
import signal
import subprocess
import time

from tests.processes import wait_for
from tests.project import LONG, STUDY, snakemake

TRIALS = 60

# Slow enough to be interrupted, and by a random walk, so that its score is not by chance the same.
SLOW = """
import random, time

def train(config, trial):
    at = 0.0
    for epoch in trial.epochs(4):
        time.sleep(NAP)
        at += random.gauss(0, config["lr"])
        trial.report(epoch, val_score=at)
    return {"val_score": at, "test_score": at}
"""
SEARCHES = {"random": {"sampler": "random", "trials": TRIALS, "seed": 0}}


def slow(project, nap: float, **more):
    """Have the project train 60 random walks that take four naps each."""
    (project.path / "scripts/quick.py").write_text(SLOW.replace("NAP", str(nap)))
    project.write({**copy.deepcopy(STUDY), "searches": SEARCHES, **more})


def new_jobs(cluster, before: list[dict]) -> list[dict]:
    """The jobs of trials that Slurm has seen since there were those of `before`."""
    known = {job["id"] for job in before}
    jobs = [job for job in cluster.jobs() if job["id"] not in known]
    return [job for job in jobs if "trial" in job["comment"]]


def outcomes(project) -> dict[str, tuple]:
    """Of each record what has to be the same wherever it was made, to the last digit."""
    records = map(json.loads, project.records().values())
    return {r["trial_id"]: (r["status"], r["metrics"], r["history"]) for r in records}


def groups_of(n: int) -> tuple[str, ...]:
    return "--group-components", f"trials={n}"


def test_a_study_runs_in_few_jobs_and_as_it_does_here(project):
    slow(project, 0.01)
    before = project.cluster.jobs()
    said = project.submit(*groups_of(20))
    assert len(project.rows()) == TRIALS
    assert (project.results() / "report.html").exists()
    jobs = new_jobs(project.cluster, before)
    assert [(job["state"], job["cpus"]) for job in jobs] == [("COMPLETED", "4")] * 3
    assert "60 trials" in said
    assert said.count("\n") < 60  # and not some lines for each trial

    there = outcomes(project)
    shutil.rmtree(project.path / "results")
    project.train()
    assert outcomes(project) == there


def test_what_is_begun_here_ends_there_and_the_other_way_round(project):
    slow(project, 0.01, searches={"random": {**SEARCHES["random"], "trials": 10}})
    project.train()
    first = project.records()
    slow(project, 0.01, searches={"random": {**SEARCHES["random"], "trials": 30}})
    before = project.cluster.jobs()
    project.submit(*groups_of(20), "--until", "aggregate")
    assert len(new_jobs(project.cluster, before)) == 1  # 20 trials
    second = project.records()
    assert first.items() <= second.items() and len(second) == 30
    slow(project, 0.01)
    project.train()
    assert second.items() <= project.records().items()
    assert len(project.records()) == TRIALS


def test_a_trial_that_fails_takes_no_other_with_it(project):
    slow(project, 0.01)
    source = (project.path / "scripts/quick.py").read_text()
    fails = "\n    if config['lr'] > 0.05: raise RuntimeError('too fast')\n    at = 0.0"
    (project.path / "scripts/quick.py").write_text(source.replace("\n    at = 0.0", fails))
    said = project.submit(*groups_of(20), "--until", "aggregate")
    status = [row["status"] for row in project.rows()]
    assert set(status) == {"complete", "failed"}
    assert len(status) == TRIALS
    assert "RuntimeError: too fast" in said


def test_a_job_that_is_cancelled_loses_no_finished_trial(project):
    slow(project, 0.2)
    before = project.cluster.jobs()
    running = project.start_there(*groups_of(60), "--retries", "0", "--until", "aggregate")
    wait_for(lambda: len(project.records()) >= 8)
    project.cluster.says("scancel", new_jobs(project.cluster, before)[0]["id"])
    said, _ = running.communicate(timeout=LONG)
    assert running.returncode != 0, said
    assert new_jobs(project.cluster, before)[0]["state"] == "CANCELLED"
    kept = project.records()
    assert 8 <= len(kept) < TRIALS
    project.submit(*groups_of(60), "--until", "aggregate")
    assert kept.items() <= project.records().items()
    assert len(project.rows()) == TRIALS


def test_the_second_attempt_of_a_job_makes_only_what_is_missing(project):
    slow(project, 0.2)
    before = project.cluster.jobs()
    running = project.start_there(*groups_of(60), "--until", "aggregate")
    wait_for(lambda: len(project.records()) >= 8)
    kept = project.records()
    project.cluster.says("scancel", new_jobs(project.cluster, before)[0]["id"])
    said, _ = running.communicate(timeout=LONG)
    assert running.returncode == 0, said
    assert kept.items() <= project.records().items()
    first, second = new_jobs(project.cluster, before)
    assert (first["state"], second["state"]) == ("CANCELLED", "COMPLETED")
    assert second["memory"] != first["memory"] and second["time"] != first["time"]  # more of both


def test_a_job_over_its_time_is_given_more_for_what_it_lacks(project):
    slow(project, 2)  # 60 trials of 8 s, four at a time: two minutes
    before = project.cluster.jobs()
    running = project.start_there(*groups_of(60), "--until", "aggregate")
    wait_for(lambda: project.records())
    first = new_jobs(project.cluster, before)[0]
    project.cluster.says("scontrol", "update", f"jobid={first['id']}", "timelimit=1")
    said, _ = running.communicate(timeout=LONG)
    assert running.returncode == 0, said
    first, second = new_jobs(project.cluster, before)
    assert (first["state"], second["state"]) == ("TIMEOUT", "COMPLETED")
    assert len(project.rows()) == TRIALS
    kept = project.records()
    project.submit(*groups_of(60), "--until", "aggregate")
    assert project.records() == kept
    assert len(new_jobs(project.cluster, before)) == 2


def test_a_node_that_crashes_loses_what_it_was_training(project):
    slow(project, 0.2)
    running = project.start_there(*groups_of(60), "--until", "aggregate")
    wait_for(lambda: len(project.records()) >= 8)
    kept = project.records()
    project.cluster.crash_node()
    project.cluster.start_node()
    said, _ = running.communicate(timeout=LONG)
    assert running.returncode == 0, said
    assert kept.items() <= project.records().items(), said
    assert len(project.rows()) == TRIALS


def test_a_head_that_is_killed_loses_no_finished_trial(project):
    slow(project, 0.2)
    before = project.cluster.jobs()
    running = project.start_there(*groups_of(60), "--until", "aggregate")
    wait_for(lambda: len(project.records()) >= 8)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=LONG)
    project.cluster.says("scancel", *[job["id"] for job in new_jobs(project.cluster, before)])
    wait_for(lambda: not project.cluster.says("squeue", "-h"))
    kept = project.records()
    project.run("--unlock")
    project.submit(*groups_of(60), "--until", "aggregate")
    assert kept.items() <= project.records().items()
    assert len(project.rows()) == TRIALS


def test_two_studies_that_share_trials_run_at_once(project):
    slow(project, 0.05)
    logs = project.path / ".snakemake/slurm_logs"
    (logs / "of_a_third_run").mkdir(parents=True)
    old, young = logs / "old/1.log", logs / "young/2.log"
    for log, days in ((old, 11), (young, 9)):
        log.parent.mkdir()
        log.touch()
        os.utime(log, (0, time.time() - days * 24 * 3600))
    arguments = ("--nolock", *groups_of(20), "--until", "aggregate")
    both = [
        project.start_there(*arguments),
        project.start_there(*arguments, "--config", "study=other"),
    ]
    said = [running.communicate(timeout=LONG)[0] for running in both]
    assert [running.returncode for running in both] == [0, 0], said
    assert len(project.records()) == len(project.rows()) == TRIALS
    tables = [project.results(name) / "trials.csv" for name in ("quick", "other")]
    assert tables[0].read_text() == tables[1].read_text()
    assert not list(project.path.glob("results/trials/*/.*"))
    assert (logs / "of_a_third_run").exists()  # its jobs, in the queue, are to write there
    assert [log.exists() for log in (old, young)] == [False, True]


def test_code_that_is_edited_while_jobs_wait_is_not_trained_under_the_old_name(project):
    slow(project, 0.01)
    slurm = project.cluster
    number = slurm.says("sbatch", "--parsable", "-c", "8", "-o", "/dev/null", "--wrap", "sleep 600")
    running = project.start_there(*groups_of(20), "--until", "aggregate")
    wait_for(lambda: len(slurm.says("squeue", "-h").splitlines()) == 4)
    code = project.path / "scripts/quick.py"
    code.write_text(code.read_text().replace("at = 0.0", "at = 1.0"))
    slurm.says("scancel", number)
    said = running.communicate(timeout=LONG)[0]
    assert running.returncode == 1
    fault = (
        "Error in the study. config.yaml: the study, its code or its data has changed since this"
    )
    assert said.count(fault) == 1, said
    assert project.records() == {}


def test_the_generic_profile_runs_with_any_command_that_submits(project):
    slow(project, 0.01)
    before = project.cluster.jobs()
    submit = "sbatch --parsable -J generic -c {threads} --mem {resources.mem_mb} -o .snakemake/%j"
    arguments = ["--profile", "profiles/cluster-generic", *groups_of(20), "--latency-wait", "10"]
    arguments += ["--cluster-generic-submit-cmd", submit, "--until", "aggregate"]
    done = subprocess.run(
        snakemake(*arguments),
        cwd=project.path,
        env=project.cluster.environment,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == 0
    assert len(project.rows()) == TRIALS
    names = [job["name"] for job in project.cluster.jobs()[len(before) :]]
    assert names == ["generic"] * 4  # three of trials, and the table
