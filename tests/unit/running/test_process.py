"""A trial and its supervisor: neither waits for the other, and nothing of a trial is left."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running.process import Supervised
from tests.processes import wait_for

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="it needs /proc and prctl(2)")

CLOSES = """
import os, resource, time

def train(config, trial):
    trial.report(1, val=0.5)
    {closes}
    mine = [os.open(f"{{trial.workdir}}/mine", os.O_RDWR | os.O_CREAT) for _ in range(20)]
    trial.report(2, val=1.5)
    os.closerange(3, 100)
    return {{"val": config["x"]}}
"""


@on_linux
@pytest.mark.parametrize(
    "closes",
    [
        "os.closerange(3, 65536)",
        "os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])",
        "[os.closerange(int(n), int(n) + 1) for n in os.listdir('/proc/self/fd') if int(n) > 2]",
    ],
)
def test_a_trial_may_close_all_files(train_text, tmp_path, closes):
    """What it opens then has the numbers of what it has closed, and stays its own."""
    record = train_text(CLOSES.format(closes=closes))
    assert record["status"] == "complete", record["error"]
    assert [row["val"] for row in record["history"]] == [0.5, 1.5]
    assert record["metrics"] == {"val": 2}
    assert (tmp_path / "mine").read_text() == ""


@on_linux
def test_a_trial_that_closes_all_files_keeps_its_limits(train_text):
    text = (
        "import os, time\ndef train(config, trial):\n    os.closerange(3, 65536); time.sleep(300)"
    )
    record = train_text(text, seconds=1.0)
    assert record["error"]["type"] == "TimeLimit"


@on_linux
def test_a_supervisor_waits_for_no_trial(tmp_path):
    """Not for one that is silent, closes all, or has sent half of something."""
    (tmp_path / "o.py").write_text(
        "import os, time\ndef train(config, trial):\n    os.closerange(3, 65536); time.sleep(300)\n"
    )
    spec = {"config": {}, "data": None, "objective": {}, "seed": 0, "settings": {}}
    trial = Supervised(
        Task(canonical(spec), "my.yaml", "val", entrypoint=f"{tmp_path}/o.py:train"), tmp_path
    )
    os.write(trial._pipe._write, b'["report", {"epo')
    previous = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits"))
    signal.alarm(60)
    try:
        trial.receive()
        trial.check()
        assert not trial.over
        trial.end()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
    assert trial.record()["error"]["type"] == "Killed"


@on_linux
def test_what_cannot_be_killed_is_given_up(tmp_path, monkeypatch):
    """A process may wait for a disk that does not answer."""
    (tmp_path / "o.py").write_text("import time\ndef train(config, trial): time.sleep(300)\n")
    monkeypatch.setattr("snaketune.running.process._PATIENCE", 0.1)
    spec = {"config": {}, "data": None, "objective": {}, "seed": 0, "settings": {}}
    trial = Supervised(
        Task(canonical(spec), "my.yaml", "val", entrypoint=f"{tmp_path}/o.py:train"), tmp_path
    )
    monkeypatch.setattr(trial, "_has_ended", lambda: False)
    trial.end()
    assert "still waits for a disk" in trial.record()["error"]["message"]
    os.waitpid(trial._pid, 0)


LEAVES = """
import os, signal, subprocess, sys, time

def train(config, trial):
    os.chdir(trial.workdir)
    {leaves}
    {ends}
    return {{"val": 1}}
"""
DAEMON = "subprocess.Popen(['sleep', '300'], start_new_session=True)"
ORPHAN = "subprocess.run(['sh', '-c', 'setsid sleep 300 & exit 0'])"
RUNS = """
import sys
from pathlib import Path
from snaketune.base import descendants
from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running.process import run

descendants.adopt()
folder = Path(sys.argv[1])
spec = {"config": {}, "data": None, "objective": {}, "seed": 0, "settings": {}}
task = Task(canonical(spec), "my.yaml", "val", entrypoint=f"{folder}/o.py:train", seconds=3.0)
print(run(task, folder)["error"])
"""


def places() -> list[str]:
    """The working directories of all processes."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found.append(process.cwd())
    return found


WRITES = """
import os

def train(config, trial):
    for number in range(3, 100):
        try:
            os.write(number, b"hello\\n")
        except OSError:
            pass
    return {"val": 1}
"""
INTRUDES = """
import os, stat

def train(config, trial):
    folder = f"/proc/{os.getppid()}/fd"
    for path in [f"{folder}/{n}" for n in os.listdir(folder) if int(n) > 2]:
        if os.path.exists(path) and stat.S_ISFIFO(os.stat(path).st_mode):
            os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b"hello there\\n")
    while True:
        pass
"""


@on_linux
@pytest.mark.parametrize(
    ("text", "error"),
    [(WRITES, "None"), (INTRUDES, "'Garbled', 'message': \"it wrote 'hello there' into")],
    ids=["to any number", "to the pipe itself"],
)
def test_what_a_trial_writes_elsewhere_is_no_message(tmp_path, text, error):
    (tmp_path / "o.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", RUNS, tmp_path],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=100,
    )
    assert error in done.stdout


@on_linux
@pytest.mark.parametrize("leaves", [DAEMON, ORPHAN], ids=["daemon", "orphan"])
@pytest.mark.parametrize(
    "ends",
    [
        "",
        "os._exit(1)",
        "os.kill(os.getpid(), 9)",
        "time.sleep(300)",
        "os.kill(os.getppid(), 9); time.sleep(300)",
    ],
    ids=["returns", "exits", "killed", "limit", "supervisor killed"],
)
def test_nothing_that_a_trial_has_started_outlives_it_anywhere(tmp_path, leaves, ends):
    """Not even what has left its group and its session, however the trial ends."""
    (tmp_path / "o.py").write_text(LEAVES.format(leaves=leaves, ends=ends))
    done = subprocess.run([sys.executable, "-c", RUNS, tmp_path], check=False, timeout=100)
    assert (done.returncode == 0) != ("getppid" in ends)
    wait_for(lambda: str(tmp_path) not in places())


@on_linux
def test_what_was_there_before_stays():
    """What an objective starts as it is imported is for all trials of a warm process."""
    code = """
import os, subprocess, time
from snaketune.base import descendants
first = subprocess.Popen(["sleep", "300"])
descendants.adopt()
second, third = (subprocess.Popen(["sleep", "300"]) for _ in range(2))
descendants.kill_all(but=[third.pid])
print(first.poll(), second.poll() is None, third.poll())
descendants.kill_all(first=True)
print(first.poll() is None, third.poll() is None, descendants.children(os.getpid()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, timeout=100
    )
    assert done.stdout == "None False None\nFalse False []\n"


@pytest.mark.parametrize(
    "body", ["sys.stdout.close()", "sys.stdout = sys.stderr = None", "os.close(1); os.close(2)"]
)
def test_a_trial_without_output(train_text, body):
    text = f"import os, sys\ndef train(config, trial):\n    {body}\n    return {{'val': 1}}\n"
    assert train_text(text)["metrics"] == {"val": 1}


def test_a_parent_that_ignores_its_children(tmp_path):
    """The kernel then forgets how a child ended."""
    (tmp_path / "o.py").write_text(LEAVES.format(leaves="", ends="os._exit(7)"))
    done = subprocess.run(
        [sys.executable, "-c", RUNS, tmp_path],
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert "exit code 7" in done.stdout


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_what_a_trial_prints_is_utf8_in_any_locale(tmp_path, locale):
    (tmp_path / "o.py").write_text(LEAVES.format(leaves="print('ü', chr(0xdc80))", ends=""))
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", RUNS, tmp_path],
        env={
            **os.environ,
            "LC_ALL": locale,
            "PYTHONCOERCECLOCALE": "0",
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.decode().splitlines() == ["ü \\udc80", "None"]


FORKS = """
import os, time

def train(config, trial):
    held = os.urandom(1 << 20) * 150
    for _ in range(4):
        if os.fork() == 0:
            {own}
            time.sleep(300)
    time.sleep({seconds})
    return {{"val": 1}}
"""


@on_linux
def test_memory_that_processes_share_counts_once(train_text):
    """Five processes with the same 150 MiB are in no limit of 400 MiB's way.

    The trial is a fork of the process of the tests, of which each may change what it has.
    """
    ours = psutil.Process().memory_info().rss
    record = train_text(FORKS.format(own="", seconds=2.5), memory=(400 << 20) + ours)
    assert record["status"] == "complete", record["error"]
    assert 150 < record["cost"]["peak_memory_mib"] < 400 + ours / 2**20


@on_linux
def test_memory_of_all_processes_counts(train_text):
    record = train_text(
        FORKS.format(own="own = bytearray(100 << 20)", seconds=60), memory=400 << 20
    )
    assert record["error"]["type"] == "MemoryLimit"
    assert "400 allowed" in record["error"]["message"]
    assert record["cost"]["peak_memory_mib"] > 400
