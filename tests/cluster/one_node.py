"""A Slurm cluster of one node, in a folder of its own, for as long as somebody needs it.

    python -m tests.cluster.one_node FOLDER    (until Ctrl-C)

Debian's munge, slurmctld, slurmd and slurm-client, as the user who runs this and beside any other
Slurm of the machine: ports, keys and state are its own. Nothing is measured or confined by cgroups,
so the node can have more CPUs than the machine.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"

_CONF = """\
ClusterName=snaketune
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.log
AccountingStorageType=accounting_storage/none
AccountingStoreFlags=job_comment
# without cgroups, without systemd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
# what has ended stays visible to squeue, as there is no sacct
MinJobAge=86400
# soon back after a crash, and soon through with what is killed
ReturnToService=2
SlurmdTimeout=10
KillWait=2
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES DefaultTime=10 MaxTime=INFINITE State=UP
"""


class Cluster:
    """The cluster in `folder`; it ends with the `with` block, and its jobs before it."""

    def __init__(self, folder: Path, cpus: int = 8, memory: int = 16_000):
        self.folder, self._host = folder.resolve(), socket.gethostname().split(".")[0]
        self._daemons: dict[str, subprocess.Popen] = {}
        # No variable of a job that this may run in.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH"))}
        self.environment = {**kept, "PATH": _PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "munge.key").write_bytes(os.urandom(1024))
        for private in (self.folder, self.folder / "munge.key"):
            private.chmod(0o700 if private.is_dir() else 0o600)
        (self.folder / "slurm.conf").write_text(
            _CONF.format(
                host=self._host,
                user=pwd.getpwuid(os.getuid()).pw_name,
                folder=self.folder,
                ports=[_free_port() for _ in range(2)],
                cpus=cpus,
                memory=memory,
            )
        )

    def __enter__(self) -> "Cluster":
        files = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed"}
        places = [f"--{option}={self.folder}/munge.{name}" for option, name in files.items()]
        log = f"--log-file={self.folder}/munge.log"
        try:
            self._start("munged", "--foreground", "--force", *places, log)
            _until(lambda: (self.folder / "munge.socket").exists(), "munged listens")
            self._start("slurmctld", "-D")
            self.start_node()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_node(self):
        """Bring the node up (again)."""
        self._start("slurmd", "-D", "-N", self._host)
        _until(lambda: self.says("sinfo", "-h", "-o", "%T").startswith(("idle", "mix", "all")),
               "the node is idle")  # fmt: skip

    def crash_node(self):
        """What a power cut is to a node: all its processes are gone at once."""
        stepds = [p for p in self._processes() if p.name() == "slurmstepd"]
        jobs = [child for stepd in stepds for child in stepd.children(recursive=True)]
        self._daemons["slurmd"].kill()
        for process in (*stepds, *jobs):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._daemons.pop("slurmd").wait(60)

    def says(self, *command: str) -> str:
        """What a command of Slurm prints."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout.strip()

    def jobs(self) -> list[dict[str, str]]:
        """All jobs that there have been, as Slurm's controller knows them."""
        fields = {"id": "%i", "state": "%T", "comment": "%k", "cpus": "%C", "time": "%l"}
        fields |= {"memory": "%m", "name": "%j"}
        lines = self.says("squeue", "-h", "--states=all", "-o", "|".join(fields.values()))
        rows = (line.split("|") for line in lines.splitlines())
        return sorted(
            (dict(zip(fields, row, strict=True)) for row in rows), key=lambda job: int(job["id"])
        )

    def __exit__(self, *_):
        if "slurmctld" in self._daemons and "slurmd" in self._daemons:
            self.says("scancel", "--me")
            with suppress(TimeoutError):
                _until(lambda: not self.says("squeue", "-h"), "no job runs", seconds=20)
        for name in ("slurmd", "slurmctld", "munged"):
            if name in self._daemons:
                self._daemons[name].send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self._daemons[name].wait(10)
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _start(self, program: str, *arguments: str):
        with open(self.folder / f"{program}.out", "ab") as output:
            self._daemons[program] = subprocess.Popen(
                [shutil.which(program, path=_PATH), *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _processes(self) -> list[psutil.Process]:
        """The daemons of this cluster, and all that they have started: they know its folder."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.environ().get("SLURM_CONF") == self.environment["SLURM_CONF"]:
                    found.append(process)
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _until(holds, what: str, seconds: float = 30):
    due = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > due:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def main(folder: Path):
    """Keep a cluster up, and say how to reach it."""
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Cluster(folder) as cluster:
        print(f"export SLURM_CONF={cluster.environment['SLURM_CONF']}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
