"""A scheduler of tasks: one is begun at once, one in a minute, a function too; the schedule is kept on the server."""
import json
import subprocess
import sys

from clearml import Task
from ranloop_check import api, equal, eventually, ok, task_of

PROJECT = "conformance/scheduler"
QUEUE = "scheduler"

with open("job.py", "w") as file:
    file.write("print('job')\n")
with open("schedule.py", "w") as file:
    file.write(
        """
import sys
from clearml import Task
from clearml.automation import TaskScheduler
now, later = sys.argv[1:]
def called():
    print("the function was called", flush=True)
    with open("called", "a") as file:
        file.write("x")
scheduler = TaskScheduler(sync_frequency_minutes=0.05, force_create_task_project="conformance/scheduler",
                          force_create_task_name="scheduler")
scheduler.add_task(schedule_task_id=now, queue="scheduler", name="at once", minute=30, execute_immediately=True,
                   task_parameters={"General/rate": 0.5})
scheduler.add_task(schedule_task_id=later, queue="scheduler", name="in a minute", minute=1, target_project="conformance/scheduler/later",
                   task_overrides={"script.branch": "main"})
scheduler.add_task(schedule_function=called, name="function", minute=30, execute_immediately=True)
scheduler.start()
"""
    )
now, later = (
    Task.create(project_name=PROJECT, task_name=name, script="job.py", packages=[], add_task_init_call=False)
    for name in ("now", "later")
)
now.set_parameters({"General/rate": 0.1})
api("queues.create", name=QUEUE)
queue = api("queues.get_all", name="^" + QUEUE + "$")["queues"][0]["id"]
with open("schedule.log", "w") as log:
    process = subprocess.Popen(
        [sys.executable, "schedule.py", now.id, later.id], stdout=log, stderr=subprocess.STDOUT, text=True
    )


def copies(task):
    return api("tasks.get_all", parent=[task.id], search_hidden=True)["tasks"]


def log():
    with open("schedule.log") as text:
        return text.read()


try:
    eventually(lambda: copies(now), "the task that is due at once", 60)
    equal(len(copies(later)), 0, "the other is not due")
    copy = eventually(lambda: next((c for c in copies(now) if c["status"] == "queued"), None), "it is queued", 20)
    equal(copy["hyperparams"]["General"]["rate"]["value"], "0.5")
    equal(now.get_parameters()["General/rate"], "0.1", "the template is as it was")
    eventually(lambda: "function was called" in log(), "the function", 40)
    copy = eventually(lambda: next((c for c in copies(later) if c["status"] == "queued"), None), "in a minute", 110)
    equal(api("projects.get_by_id", project=copy["project"])["project"]["name"], PROJECT + "/later")
    equal(copy["script"]["branch"], "main")
    entries = [entry["task"] for entry in api("queues.get_by_id", queue=queue)["queue"]["entries"]]
    equal(sorted(entries), sorted(c["id"] for c in copies(now) + copies(later)))
    service = api("tasks.get_all", name="^scheduler$", project=[task_of(now.id)["project"]])["tasks"][0]
    equal((service["type"], service["status"]), ("service", "in_progress"))
    jobs = json.loads(service["configuration"]["schedule"]["value"])
    equal([job["name"] for job in jobs], ["at once", "in a minute", "function"])
    # Aborted from outside, it ends.
    api("tasks.stop", task=service["id"])
    process.wait(timeout=90)
    equal(task_of(service["id"])["status"], "stopped")
except AssertionError as error:
    raise AssertionError("{}\n{}".format(error, log()[-8000:])) from None
finally:
    process.kill()
ok()
