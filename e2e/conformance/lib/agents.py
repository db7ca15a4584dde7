"""Agents of ClearML's own, started as a user starts them, and ended with all that they run."""
import atexit
import os
import signal
import subprocess
import sys

import psutil
from ranloop_check import api, check, eventually

CLEARML_AGENT = os.path.join(os.path.dirname(sys.executable), "clearml-agent")
# The program polls every 5 s and reports every 30 s unless these say otherwise.
QUICK = {"CLEARML_AGENT_QUEUE_POLL_FREQ_SEC": "1", "CLEARML_AGENT_STATUS_REPORT_FREQ_SEC": "2"}
# Takes this Python with all that is installed for it, instead of building an environment for each task.
THIS_PYTHON = {"CLEARML_AGENT_SKIP_PIP_VENV_INSTALL": sys.executable, "CLEARML_AGENT_SKIP_PYTHON_ENV_INSTALL": "1"}


class Agent:
    """`clearml-agent daemon --queue ...`, which makes queues that are missing."""

    def __init__(self, worker, *queues, environment=THIS_PYTHON, options=()):
        self.worker = worker
        self.log = worker.replace(":", "_") + ".log"
        words = [CLEARML_AGENT, "daemon", "--queue", *queues, "--create-queue", "--foreground", "--cpu-only", *options]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                words,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **QUICK, **environment, "CLEARML_WORKER_ID": worker},
            )
        atexit.register(self.kill)
        eventually(lambda: self.seen() or self.process.poll() is not None, "agent {} registers".format(worker))
        check(self.process.poll() is None, "the agent ended: " + self.output())

    def output(self):
        with open(self.log) as log:
            return log.read()

    def seen(self):
        """The worker as the server shows it, or None."""
        return next((w for w in api("workers.get_all", last_seen=60)["workers"] if w["id"] == self.worker), None)

    def kill(self, everything=True):
        """SIGKILL, to all that it started too unless told otherwise."""
        for process in family(self.process.pid) if everything else [self.process]:
            try:
                process.kill()
            except (psutil.NoSuchProcess, ProcessLookupError):
                pass
        self.process.wait()

    def interrupt(self):
        """Ctrl-C; answers the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def family(pid):
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def alive(pid):
    """Whether a process runs: one that nobody has asked for its exit code does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def run_agent(*words, environment=THIS_PYTHON):
    """Runs `clearml-agent ...` to its end; answers the exit code and what it printed."""
    done = subprocess.run(
        [CLEARML_AGENT, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **QUICK, **environment},
    )
    return done.returncode, done.stdout


def console(task):
    """All that the server has of a task's console, as one text."""
    events = api("events.get_task_log", task=task, order="asc", batch_size=5000)["events"]
    return "\n".join(event["msg"] for event in events)


def ends(task, seconds=240):
    """Waits for the end of a task and answers the task."""
    final = ("completed", "failed", "stopped", "published")

    def look():
        found = api("tasks.get_by_id", task=task)["task"]
        return found if found["status"] in final else None

    try:
        return eventually(look, "the end of " + task, seconds)
    except AssertionError as error:
        raise AssertionError("{}\n{}".format(error, console(task))) from None
