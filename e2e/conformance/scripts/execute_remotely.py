"""execute_remotely: the script leaves, an agent runs it from the same line on, with what was edited on the server."""
import subprocess
import sys

from agents import Agent, console, ends
from clearml import Task
from ranloop_check import check, equal, make_queue, ok, task_of, user_environment

QUEUE = "conformance remote"
SCRIPT = """
import sys
from clearml import Task
task = Task.init("conformance/execute remotely", "leaves", auto_resource_monitoring=False, reuse_last_task_id=False)
values = task.connect({"rate": 0.1, "units": [1, 2]})
print("ID=" + task.id, flush=True)
task.execute_remotely(queue_name=%r, exit_process=True)
print("RUNS WITH", values["rate"] * 2, values["units"], flush=True)
print("to standard error", file=sys.stderr, flush=True)
task.get_logger().report_scalar("loss", "train", values["rate"], 3)
task.upload_artifact("result", {"rate": values["rate"]}, wait_on_upload=True)
""" % QUEUE
make_queue(QUEUE)
with open("leaves.py", "w") as file:
    file.write(SCRIPT)
done = subprocess.run([sys.executable, "leaves.py"], capture_output=True, text=True, timeout=180, env=user_environment())
check(done.returncode == 0 and "ID=" in done.stdout, done.stdout + done.stderr)
check("RUNS WITH" not in done.stdout, "it went on here")
left = done.stdout.split("ID=")[1].split()[0]
found = task_of(left)
equal(found["status"], "queued")
check("development" not in found.get("system_tags", []), "a queued task is no development task")
check("Task.init" in found["script"]["diff"], "the script went along")

# A copy with another value waits behind it.
copy = Task.clone(left, name="leaves, edited")
copy.set_parameter("General/rate", 0.5)
Task.enqueue(copy, queue_name=QUEUE)
equal(Task.get_num_enqueued_tasks(queue_name=QUEUE), 2)
Agent("conformance-remote:0", QUEUE)
for task_id, rate in ((left, 0.1), (copy.id, 0.5)):
    found = ends(task_id)
    text = console(task_id)
    equal(found["status"], "completed", text)
    check("RUNS WITH {} [1, 2]".format(rate * 2) in text, text)
    check("to standard error" in text, text)
    task = Task.get_task(task_id)
    equal(task.artifacts["result"].get(), {"rate": rate})
    equal(task.get_reported_scalars()["loss"]["train"], {"name": "train", "x": [3], "y": [rate]})
    equal(found["last_worker"], "conformance-remote:0")
    check(found["completed"] > found["started"], "times")
equal(Task.get_num_enqueued_tasks(queue_name=QUEUE), 0)
ok()
