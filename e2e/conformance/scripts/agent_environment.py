"""An agent runs a task in an environment of its own: built with pip, told while it runs, ended as the script ends."""
import os

from agents import Agent, console, ends, run_agent
from clearml import Task
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/agent_environment"
QUEUE = "agent environment"

with open("lines.py", "w") as file:
    file.write(
        """
import sys, time, six
print("environment", sys.prefix, six.__version__, flush=True)
for line in range(8):
    print("line", line, flush=True)
    time.sleep(1)
if sys.argv[1:] == ["--fail"]:
    sys.exit(3)
"""
    )


def new_task(name, **more):
    return Task.create(
        project_name=PROJECT, task_name=name, script="lines.py", packages=["six==1.16.0"], add_task_init_call=False, **more
    )


agent = Agent("conformance-environment:0", QUEUE, environment={})
works = new_task("works")
Task.enqueue(works, queue_name=QUEUE)
equal(task_of(works.id)["status"], "queued")

# The console is there while the script runs, and the worker shows what it runs.
eventually(lambda: "line 2" in console(works.id), "the console of a running task", 180)
running = task_of(works.id)
equal((running["status"], running["last_worker"]), ("in_progress", agent.worker))
worker = agent.seen()
equal((worker["task"]["id"], worker["task"]["name"]), (works.id, "works"))
equal([queue["name"] for queue in worker["queues"]], [QUEUE])
code, listed = run_agent("list")
equal(code, 0, listed)
check(agent.worker in listed and works.id in listed, listed)

found = ends(works.id)
text = console(works.id)
equal((found["status"], found["status_reason"]), ("completed", "worker execution done"), text)
equal([line for line in range(8) if "line {}".format(line) not in text], [], text)
check("1.16.0" in text and os.path.join(os.environ["HOME"], ".clearml", "venvs-builds") in text, text)
check("six==1.16.0" in found["script"]["requirements"]["pip"], str(found["script"]["requirements"]))
check("completed" in found and found["started"] <= found["completed"], "it has its times")
eventually(lambda: "task" not in agent.seen() or not agent.seen()["task"], "the worker is idle again", 30)

# The same environment, out of the agent's cache; the script fails.
fails = new_task("fails")
api("tasks.edit", task=fails.id, script={"entry_point": "lines.py --fail"})
Task.enqueue(fails, queue_name=QUEUE)
found = ends(fails.id)
equal((found["status"], found["status_reason"]), ("failed", "worker execution exit code 3"), console(fails.id))

# A requirement that PyPI does not have.
broken = new_task("broken")
broken.set_packages(["ranloop-has-no-such-package==99.9"])
Task.enqueue(broken, queue_name=QUEUE)
found = ends(broken.id)
equal(found["status"], "failed", console(broken.id))

agent.interrupt()
eventually(lambda: agent.seen() is None, "a worker that said goodbye is gone", 10)
ok()
