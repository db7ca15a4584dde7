"""Pipelines, each run in a process of its own, and what the server keeps of them."""
import json
import subprocess
import sys

from ranloop_check import api, equal, task_of


def run(*words, code=0):
    """Runs a script as its user would; answers what it printed."""
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if code is not None:
        equal(done.returncode, code, done.stdout[-10000:])
    return done.stdout


def newest(project, name):
    """The last run of a pipeline: its task."""
    found = api(
        "projects.get_all", name="^{}/\\.pipelines/{}$".format(project, name), search_hidden=True, only_fields=["id"]
    )["projects"]
    runs = api("tasks.get_all", project=[found[0]["id"]], order_by=["-created"], search_hidden=True)["tasks"]
    return next(run for run in runs if "pipeline" in run["system_tags"])


def steps_of(pipeline):
    """The steps as the dashboard reads them from the configuration `Pipeline`."""
    return json.loads(task_of(pipeline)["configuration"]["Pipeline"]["value"])


def statuses(pipeline):
    return {name: step["status"] for name, step in steps_of(pipeline).items()}
