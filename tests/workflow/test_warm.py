"""Warm trials: forks of one process that has loaded all, as good as processes of their own."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from snaketune.running import client
from tests.processes import assert_nothing_runs, running_in, sockets, wait_for
from tests.project import LONG, STUDY

pytestmark = pytest.mark.slow

# It soils whatever a next trial could see, and says what it saw. Each import leaves a line.
SOILS = """
import os, random, sys
import numpy, pandas, sklearn.ensemble, threadpoolctl, torch

with open("imports.txt", "a") as stream:
    stream.write(f"{os.getpid()}\\n")
SEEN = []
os.environ["TOP"] = "1"
del os.environ["OMP_NUM_THREADS"]

def libraries(trial):
    x, vector = numpy.random.rand(300, 8), numpy.random.rand(1_000_000)
    y = numpy.sin(x.sum(axis=1))
    forest = sklearn.ensemble.RandomForestRegressor(5, random_state=0, n_jobs=1).fit(x, y)
    boosted = sklearn.ensemble.HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(x, y)
    pools = threadpoolctl.threadpool_info()
    return {
        "dot": vector @ vector, "singular": numpy.linalg.svd(x, compute_uv=False)[-1],
        "forest": forest.predict(x).sum(), "boosted": boosted.predict(x).sum(),
        "mean": pandas.Series(vector).mean(),
        "largest_pool": max(pool["num_threads"] for pool in pools), "pools": len(pools),
    }

def train(config, trial):
    SEEN.append(1)
    x = torch.randn(40, 8)
    model = torch.nn.Linear(8, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    for _ in range(20):
        optimizer.zero_grad()
        loss = (model(x) - x.sum(dim=1, keepdim=True)).square().mean()
        loss.backward()
        optimizer.step()
    scores = {
        "val_score": loss.item(), "drawn": random.random(), "numpys": numpy.random.rand(),
        "times": len(SEEN), "threads": torch.get_num_threads(), "dtype": x.element_size(),
        "top": int(os.environ.get("TOP", 0)), "removed": int("OMP_NUM_THREADS" not in os.environ),
        "soiled": int("SOILED" in os.environ), "place": len(os.getcwd()), "argument": len(sys.path),
        "deterministic": int(torch.are_deterministic_algorithms_enabled()),
        "product": (torch.randn(300, 300) @ torch.randn(300, 300)).sum(),
        **libraries(trial),
    }
    os.environ["SOILED"] = "yes"
    os.chdir("/")
    sys.path.append("/")
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(False)
    torch.manual_seed(0); random.seed(0); numpy.random.seed(0)
    return scores
"""


def write(project, source: str, **more):
    """Make `source` the objective of the quick study, which has ten trials."""
    (project.path / "scripts/quick.py").write_text(source)
    project.write({**STUDY, **more})


def imports(project) -> int:
    return len((project.path / "imports.txt").read_text().splitlines())


@pytest.mark.parametrize("threads", [1, 2])
def test_a_trial_leaves_no_trace_and_has_the_bits_of_a_cold_one(project, tmp_path, threads):
    searches = {"random": {"sampler": "random", "trials": 3}}
    write(project, SOILS, resources={"threads": threads}, seeds=[7], searches=searches)
    cold = project.copy(tmp_path / "coldest")  # a path as long
    project.train()
    cold.train("--config", "warm=false")
    assert project.rows() == cold.rows()
    table = project.rows()
    assert {row["status"] for row in table} == {"complete"}
    seen = {(row["times"], row["threads"], row["largest_pool"]) for row in table}
    assert seen == {("1", str(threads), str(threads))}
    assert (table[0]["top"], table[0]["removed"]) == ("1", "1")
    assert int(table[0]["pools"]) >= 4  # of OpenMP and BLAS
    assert (imports(project), imports(cold)) == (1, 3)
    assert_nothing_runs(project)


FAILS = """
import glob, os, signal, stat, time

def train(config, trial):
    match config["how"]:
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "closes":
            os.closerange(3, 65536)
            time.sleep(300)
        case "intrudes":
            for path in glob.glob(f"/proc/{os.getppid()}/fd/*"):
                if os.path.exists(path) and stat.S_ISFIFO(os.stat(path).st_mode):
                    os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b"hello\\n")
            time.sleep(300)
        case "works":
            time.sleep(2)
    return {"val_score": 1}
"""


def test_a_trial_that_fails_is_the_only_one(project):
    """However it does, none waits for it, and limits hold."""
    hows = ["works", "dies", "closes", "intrudes", "works too"]
    searches = {"grid": {"sampler": "grid"}}
    write(project, FAILS, space={"how": hows}, searches=searches, resources={"time": "4 s"})
    project.train(cores=1)
    assert {row["how"]: row["error"] for row in project.rows()} == {
        "works": "",
        "dies": "Killed: the process was killed by SIGKILL, "
        "as a machine does that is out of memory",
        "closes": "TimeLimit: no result after 4 s",
        "intrudes": "Garbled: it wrote 'hello' into the pipe through which it reports",
        "works too": "",
    }


THREAD = """
import threading, time
threading.Thread(target=time.sleep, args=[2], daemon=True, name="mine").start()
"""
POOL = "import torch; torch.set_num_threads(2); torch.zeros(1000, 1000).exp()"
COLD = """
open("imports.txt", "a").write("imported\\n")

def train(config, trial):
    return {"val_score": config["lr"]}
"""


@pytest.mark.parametrize(
    ("top", "why"),
    [
        (THREAD, "starts a thread of Python (mine)"),
        (POOL, "starts threads of a library ("),
        ("import sys; sys.modules['polars'] = sys", "loads polars, which a fork can't use"),
    ],
    ids=["thread", "pool", "polars"],
)
def test_what_cannot_be_forked_runs_cold_and_says_why(project, top, why):
    searches = {"random": {"sampler": "random", "trials": 2}}
    write(project, top + COLD, searches=searches)
    said = project.train()
    assert f"importing scripts/quick.py:train {why}" in said
    assert {row["status"] for row in project.rows()} == {"complete"}
    assert imports(project) == 3


@pytest.mark.parametrize("warm", [True, False])
def test_an_import_that_fails_ends_the_run(project, warm):
    source = "import helper\n\ndef train(config, trial): pass\n"
    write(project, source, warm=warm)
    (project.path / "scripts/helper.py").write_text("RATES = {}\nRATE = RATES['sgd']\n")
    said = project.run(succeeds=False)
    fault = "objective.entrypoint: scripts/quick.py can't be imported: KeyError: 'sgd' ("
    fault += "scripts/helper.py, line 2)"
    assert said.count(fault) == 1
    assert "process of its own" not in said
    assert project.records() == {}
    (log, *_) = project.path.glob("results/trials/*/log.txt")
    assert "line 2, in <module>" in log.read_text()


SLEEPS = """
import time

def train(config, trial):
    time.sleep(NAP)
    return {"val_score": config["lr"]}
"""


def start(project) -> subprocess.Popen:
    """Start Snakemake, and wait until trials run."""
    run = project.start("--until", "aggregate", start_new_session=True)
    wait_for(lambda: len(warm(project)) >= 3 or run.poll() is not None)  # it, and two trials
    assert run.poll() is None
    return run


def words(process) -> list[str]:
    """The command line of a process, which may just have ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def warm(project):
    return [
        process for process in running_in(project) if "snaketune.running.warm" in words(process)
    ]


def place(project) -> str:
    """The name of the run, which its clients are given."""
    return wait_for(lambda: places(project), seconds=10)[0]  # between two trials there is none


def places(project) -> list[str]:
    """What each client that runs is given: python -I -S client.py PLACE …"""
    commands = map(words, running_in(project))
    return [command[4] for command in commands if command[3:4] == [client.__file__]]


@pytest.mark.parametrize("victim", ["warm", "client", "snakemake"])
def test_whoever_is_killed_nothing_is_left(project, victim):
    write(project, SLEEPS.replace("NAP", "0.7"), retries=2)
    run = start(project)
    name = place(project)
    assert sum(name in each for each in sockets()) >= 1
    if victim == "warm":
        next(process for process in warm(project) if process.ppid() not in pids(project)).kill()
    elif victim == "client":
        next(p for p in running_in(project) if "client.py" in " ".join(words(p)[:5])).kill()
    else:
        run.kill()
    done = run.wait(LONG)
    assert_nothing_runs(project)
    assert not any(name in each for each in sockets())
    if victim != "snakemake":
        assert done == 0
        assert {row["status"] for row in project.rows()} == {"complete"}


def pids(project) -> set[int]:
    return {process.pid for process in warm(project)}


def test_runs_side_by_side_have_each_their_own(project, tmp_path):
    other = project.copy(tmp_path / "other")
    write(project, SLEEPS.replace("NAP", "60"))  # it is killed
    write(other, SLEEPS.replace("NAP", "1"))
    runs = [start(each) for each in (project, other)]
    assert place(project) != place(other)
    runs[0].send_signal(signal.SIGKILL)
    assert runs[1].wait(LONG) == 0
    assert len(other.records()) == 10
    assert_nothing_runs(project)
    assert_nothing_runs(other)
    runs[0].wait(LONG)


def test_nobody_else_may_come_in(project):
    """What a process of another user asks for is not done, and gets no answer."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user takes root")
    write(project, SLEEPS.replace("NAP", "1"))
    run = start(project)
    knock = (
        "import os, socket, sys; os.setuid(65534)\n"
        "client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "client.connect('\\0snaketune-' + sys.argv[1]); client.send(b'3\\0a\\0b\\0c\\0/')\n"
        "print(client.recv(1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", knock, place(project)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONG,
    )
    assert done.stdout == "b''\n" or "BrokenPipe" in done.stderr or "Reset" in done.stderr
    assert run.wait(LONG) == 0
    assert len(project.records()) == 10
