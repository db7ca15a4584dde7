"""What is in the users' hands while agents work: aborting, order of the queue, taking back, resetting, running again."""
from agents import Agent, alive, console, ends, run_agent
from clearml import Task
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/agent_control"
QUEUE = "agent control"
URGENT = "agent control urgent"

with open("waits.py", "w") as file:
    file.write(
        """
import os, sys, time
print("begins", os.getpid(), flush=True)
for second in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
    time.sleep(1)
print("ends", flush=True)
"""
    )


def new_task(name, seconds=0):
    task = Task.create(project_name=PROJECT, task_name=name, script="waits.py", packages=[], add_task_init_call=False)
    if seconds:
        api("tasks.edit", task=task.id, script={"entry_point": "waits.py {}".format(seconds)})
    return task


def put(task, queue=QUEUE):
    return api("tasks.enqueue", task=task.id, queue_name=queue)


def queue_id(name):
    return api("queues.get_all", name="^" + name + "$")["queues"][0]["id"]


def waiting(name):
    return [entry["task"] for entry in api("queues.get_by_id", queue=queue_id(name))["queue"]["entries"]]


# The order in which they run is the order of the queue: one is moved to the front, one back, one is taken out.
first, second, third, taken, last = (new_task(name) for name in ("first", "second", "third", "taken", "last"))
for task in (last, second, third, taken, first):
    put(task)
equal(waiting(QUEUE), [task.id for task in (last, second, third, taken, first)])
equal(api("queues.move_task_to_front", queue=queue_id(QUEUE), task=first.id), {"position": 0})
equal(api("queues.move_task_to_back", queue=queue_id(QUEUE), task=last.id), {"position": 4})
equal(api("tasks.dequeue", task=taken.id)["dequeued"], 1)
equal((task_of(taken.id)["status"], waiting(QUEUE)), ("created", [task.id for task in (first, second, third, last)]))
urgent = new_task("urgent")
put(urgent, URGENT)

agent = Agent("conformance-control:0", URGENT, QUEUE)
order = sorted((ends(task.id) for task in (last, third, second, first, urgent)), key=lambda task: task["started"])
equal([task["name"] for task in order], ["urgent", "first", "second", "third", "last"])
equal([task["status"] for task in order], ["completed"] * 5)
equal((waiting(QUEUE), waiting(URGENT), task_of(taken.id)["status"]), ([], [], "created"))

# Aborting a running task: the agent is asked, ends the program, and says so.
long = new_task("long", 600)
put(long)
eventually(lambda: "begins" in console(long.id), "it runs", 120)
pid = int(console(long.id).split("begins ")[1].split()[0])
check(alive(pid), "its process is there")
answer = api("tasks.stop", task=long.id, status_reason="not needed")
asked = task_of(long.id)
check((asked["status"], asked["status_message"]) == ("in_progress", "stopping") or asked["status"] == "stopped", str(asked))
found = ends(long.id)
equal(found["status"], "stopped", console(long.id))
check("conformance-control" in found["status_message"] or "clearml-agent" in found["status_message"], found["status_message"])
check("User aborted: stopping task" in console(long.id), console(long.id))
eventually(lambda: not alive(pid), "its process is gone", 60)
check("ends" not in console(long.id), console(long.id))

# A stopped task can be run again as it is, and after a reset begins anew.
api("tasks.edit", task=long.id, force=True, script={"entry_point": "waits.py 1"})
put(long)
equal(ends(long.id)["status"], "completed", console(long.id))
check("begins" in console(long.id) and "ends" in console(long.id), "both runs are in its console")
api("tasks.reset", task=long.id, force=True)
equal((task_of(long.id)["status"], console(long.id)), ("created", ""))
put(long)
equal(ends(long.id)["status"], "completed", console(long.id))
equal(console(long.id).count("begins"), 1)

# Resetting and deleting what runs ends the program too.
gone = new_task("gone", 600)
put(gone)
eventually(lambda: "begins" in console(gone.id), "it runs", 120)
pid = int(console(gone.id).split("begins ")[1].split()[0])
api("tasks.delete", task=gone.id, force=True)
eventually(lambda: not alive(pid), "the program of a deleted task is ended", 90)
after = new_task("after")
put(after)
equal(ends(after.id)["status"], "completed", console(after.id))
agent.interrupt()

# One task without a daemon, a copy of one, and what they exit with.
alone = new_task("alone")
code, output = run_agent("execute", "--id", alone.id)
equal((code, task_of(alone.id)["status"]), (0, "completed"), output)
check("begins" in console(alone.id), console(alone.id))
code, output = run_agent("execute", "--id", alone.id, "--clone")
equal(code, 0, output)
copies = api("tasks.get_all", parent=[alone.id], only_fields=["status"])["tasks"]
equal([copy["status"] for copy in copies], ["completed"], output)
fails = new_task("fails")
api("tasks.edit", task=fails.id, script={"entry_point": "waits.py three"})
code, output = run_agent("execute", "--id", fails.id)
equal((code != 0, task_of(fails.id)["status"]), (True, "failed"), output)
check("ValueError" in console(fails.id), console(fails.id))
code, output = run_agent("execute", "--id", "f" * 32)
check(code != 0, "a task that is not there: " + output)
ok()
