"""Services mode: one agent runs several tasks at a time, each as a worker of its own. Here it has no container engine."""
import os

from agents import Agent, console, ends
from clearml import Task
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/agent_services"
QUEUE = "agent services"

with open("serves.py", "w") as file:
    file.write(
        """
import os, time
print("begins", flush=True)
while not os.path.exists(os.environ["GATE"]):
    time.sleep(0.5)
print("ends", flush=True)
"""
    )
os.environ["GATE"] = os.path.abspath("gate")


def new_task(name):
    return Task.create(
        project_name=PROJECT, task_name=name, script="serves.py", packages=[], add_task_init_call=False
    )


services = Agent("conformance-services:0", QUEUE, options=["--services-mode"])
kept = [new_task("service {}".format(index)) for index in range(3)]
for task in kept:
    api("tasks.enqueue", task=task.id, queue_name=QUEUE)
eventually(lambda: all("begins" in console(task.id) for task in kept), "all of them run", 90)
equal([task_of(task.id)["status"] for task in kept], ["in_progress"] * 3)
workers = {worker["id"]: worker for worker in api("workers.get_all", last_seen=60)["workers"]}
for task in kept:
    own = next((worker for name, worker in workers.items() if name.endswith(":service:" + task.id)), None)
    check(own is not None and own["task"]["id"] == task.id, "a worker for {}: {}".format(task.id, sorted(workers)))
open("gate", "w").close()
equal([ends(task.id)["status"] for task in kept], ["completed"] * 3)
check(all("ends" in console(task.id) for task in kept), "their consoles are whole")
services.interrupt()
ok()
