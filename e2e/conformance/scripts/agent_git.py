"""Code in git: what is committed comes from the repository, what is not comes from the task; parameters come from the server."""
import os
import subprocess
import sys

from agents import Agent, console, ends
from clearml import Task
from ranloop_check import api, check, equal, ok, task_of

PROJECT = "conformance/agent_git"
QUEUE = "agent git"


def git(*words, folder="work"):
    who = ["-c", "user.name=user", "-c", "user.email=user@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, done.stdout)
    return done.stdout.strip()


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


TRAIN = """
import argparse
from clearml import Task
from steps.helper import answer

task = Task.init(project_name="conformance/agent_git", task_name="trains", auto_resource_monitoring=False)
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--name", default="plain")
parser.add_argument("--fast", action="store_true")
args = parser.parse_args()
config = task.connect({"rate": 0.1, "nested": {"units": [1, 2]}})
print("ran with", args.epochs, args.name, args.fast, config["rate"], config["nested"]["units"], "helper", answer())
task.close()
"""
os.makedirs("work/steps")
git("init", "-q", "--bare", "../origin.git")
git("init", "-q")
git("remote", "add", "origin", "file://" + os.path.abspath("origin.git"))
write("work/train.py", TRAIN)
write("work/steps/__init__.py", "")
write("work/steps/helper.py", "def answer():\n    return 'committed'\n")
git("add", ".")
git("commit", "-q", "-m", "first")
git("push", "-q", "origin", "main")
commit = git("rev-parse", "HEAD")
write("work/steps/helper.py", "def answer():\n    return 'not committed'\n")

# As a user makes it: the task is made by running the code in its work tree.
done = subprocess.run(
    [sys.executable, "train.py", "--epochs", "2", "--name", "on my machine"],
    cwd="work",
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
)
equal(done.returncode, 0, done.stdout)
check("ran with 2 on my machine False 0.1 [1, 2] helper not committed" in done.stdout, done.stdout)
made = Task.get_task(project_name=PROJECT, task_name="trains")
script = task_of(made.id)["script"]
equal(
    (script["repository"], script["branch"], script["version_num"], script["entry_point"], script["working_dir"]),
    ("file://" + os.path.abspath("origin.git"), "main", commit, "train.py", "."),
)
check("not committed" in script["diff"], script["diff"])
equal(task_of(made.id)["hyperparams"]["Args"]["epochs"]["value"], "2")

# The work tree is gone: the agent has the repository and the difference.
write("work/steps/helper.py", "raise SystemExit('this file is not for the agent')\n")
clone = Task.clone(made, name="again")
clone.set_parameters({"Args/epochs": 7, "Args/name": "overridden ž", "Args/fast": True, "General/rate": 0.25})
api(
    "tasks.edit_hyper_params",
    task=clone.id,
    hyperparams=[{"section": "General", "name": "nested/units", "value": "[5, 6, 7]", "type": "list"}],
)
agent = Agent("conformance-git:0", QUEUE)
Task.enqueue(clone, queue_name=QUEUE)
found = ends(clone.id)
text = console(clone.id)
equal(found["status"], "completed", text)
check("ran with 7 overridden ž True 0.25 [5, 6, 7] helper not committed" in text, text)
equal((found["parent"], found["script"]["version_num"], found["script"]["diff"]), (made.id, commit, script["diff"]))

# An edited difference and an earlier commit take effect too.
older = Task.clone(made, name="without the difference")
api("tasks.edit", task=older.id, script={"diff": ""})
Task.enqueue(older, queue_name=QUEUE)
equal(ends(older.id)["status"], "completed", console(older.id))
check("ran with 2 on my machine False 0.1 [1, 2] helper committed" in console(older.id), console(older.id))

# A difference that does not apply fails the task, and says so.
torn = Task.clone(made, name="torn")
api("tasks.edit", task=torn.id, script={"diff": script["diff"].replace("committed'", "somewhere else'")})
Task.enqueue(torn, queue_name=QUEUE)
equal(ends(torn.id)["status"], "failed", console(torn.id))

# A commit that is not there.
lost = Task.clone(made, name="lost")
api("tasks.edit", task=lost.id, script={"version_num": "0" * 40})
Task.enqueue(lost, queue_name=QUEUE)
equal(ends(lost.id)["status"], "failed", console(lost.id))
ok()
