"""Two agents on one queue run each task once; one is killed in the middle of its work; and what works without containers."""
import os
import time

from agents import Agent, alive, console, ends, family
from clearml import Task
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/agent_pair"
QUEUE = "agent pair"

with open("runs.py", "w") as file:
    file.write(
        """
import os, sys, time
with open(os.environ["RUNS"], "a") as runs:
    runs.write(os.environ["CLEARML_TASK_ID"] + "\\n")
print("begins", os.getpid(), flush=True)
time.sleep(int(sys.argv[1]))
"""
    )
RUNS = os.path.abspath("runs.txt")
os.environ["RUNS"] = RUNS


def new_task(name, seconds):
    task = Task.create(project_name=PROJECT, task_name=name, script="runs.py", packages=[], add_task_init_call=False)
    api("tasks.edit", task=task.id, script={"entry_point": "runs.py {}".format(seconds)})
    return task


left, right = (Agent("conformance-pair:" + side, QUEUE) for side in ("left", "right"))
tasks = [new_task("pair {}".format(index), 3) for index in range(6)]
queue = api("queues.get_all", name="^" + QUEUE + "$")["queues"][0]["id"]
equal(api("tasks.enqueue_many", ids=[task.id for task in tasks], queue=queue)["succeeded"][0]["queued"], True)
found = [ends(task.id) for task in tasks]
equal([task["status"] for task in found], ["completed"] * 6)
with open(RUNS) as file:
    equal(sorted(file.read().split()), sorted(task.id for task in tasks), "each ran once")
equal({task["last_worker"] for task in found}, {left.worker, right.worker}, "both worked")
described = api("queues.get_all_ex", id=[queue])["queues"][0]
equal(sorted(worker["name"] for worker in described["workers"]), [left.worker, right.worker])

# SIGKILL to an agent and all that it runs: the server keeps the task as running until its watchdog finds it silent.
right.interrupt()
lost = new_task("lost", 600)
api("tasks.enqueue", task=lost.id, queue=queue)
eventually(lambda: "begins" in console(lost.id), "it runs", 120)
eventually(lambda: (left.seen().get("task") or {}).get("id") == lost.id, "the worker reports it", 30)
left.kill()
time.sleep(4)
shown = task_of(lost.id)
equal((shown["status"], shown["last_worker"]), ("in_progress", left.worker))
equal(left.seen()["task"]["id"], lost.id, "what a worker said last stays until its time is over")
# The worker was heard of just now, so it is asked to stop; nobody is there to do it, and a user insists.
api("tasks.stop", task=lost.id)
equal((task_of(lost.id)["status"], task_of(lost.id)["status_message"]), ("in_progress", "stopping"))
api("tasks.stopped", task=lost.id)
equal(task_of(lost.id)["status"], "stopped")
# Another agent, and the one that comes back under its old name, work on.
api("tasks.edit", task=lost.id, force=True, script={"entry_point": "runs.py 0"})
api("tasks.enqueue", task=lost.id, queue=queue)
back = Agent("conformance-pair:left", QUEUE)
equal(ends(lost.id)["status"], "completed", console(lost.id))

# SIGKILL to the daemon alone: its children end by themselves, and nobody tells the server.
orphan = new_task("orphan", 2)
api("tasks.enqueue", task=orphan.id, queue=queue)
eventually(lambda: "begins" in console(orphan.id), "it runs", 120)
whole = family(back.process.pid)
back.kill(everything=False)
eventually(lambda: not any(alive(process.pid) for process in whole), "its children end", 60)
equal(task_of(orphan.id)["status"], "in_progress")
ok()
