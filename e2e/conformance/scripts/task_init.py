"""Task.init: a new task, the same again, continued, after an exception, and after Ctrl-C."""
import subprocess
import sys

from clearml import Task
from ranloop_check import api, check, equal, eventually, ok, task_of, user_environment

PROJECT = "conformance/task init"
quiet = dict(project_name=PROJECT, auto_resource_monitoring=False)

new = Task.init(task_name="first", tags=["one"], task_type=Task.TaskTypes.testing, **quiet)
found = task_of(new.id)
equal((found["status"], found["type"], found["tags"]), ("in_progress", "testing", ["one"]))
equal(found["system_tags"], ["development"])
project = api("projects.get_by_id", project=found["project"])["project"]
equal((project["name"], project["basename"]), (PROJECT, "task init"))
check(Task.current_task() is new, "the current task is the one that was made")
new.get_logger().report_scalar("loss", "train", 1.0, 7)
new.close()
found = eventually(lambda: (lambda t: t["status"] == "completed" and t)(task_of(new.id)), "completed")
equal(found["last_iteration"], 7)
equal(found["script"]["entry_point"], "task_init.py")
check("Task.init(" in found["script"]["diff"], "a script outside a repository is kept whole")
check("clearml" in found["script"]["requirements"]["pip"], "its packages are kept")
equal(found["runtime"]["progress"], "100")
check(found["completed"] >= found["started"] >= found["created"], "its times are in order")

# The same name again within a day takes the task that has nothing worth keeping, and clears it.
again = Task.init(task_name="first", task_type=Task.TaskTypes.testing, **quiet)
equal(again.id, new.id, "a task without artifacts is reused")
found = task_of(again.id)
equal((found["status"], found.get("last_iteration", 0)), ("in_progress", 0))
equal(api("events.scalar_metrics_iter_histogram", task=again.id), {}, "a reused task starts without events")
again.get_logger().report_scalar("loss", "train", 0.5, 3)
again.upload_artifact("kept", {"a": 1}, wait_on_upload=True)
again.close()

another = Task.init(task_name="first", task_type=Task.TaskTypes.testing, **quiet)
check(another.id != new.id, "a task that has artifacts is not reused")
another.close()
fresh = Task.init(task_name="first", reuse_last_task_id=False, task_type=Task.TaskTypes.testing, **quiet)
check(fresh.id not in (new.id, another.id), "a new task where reuse was refused")
fresh.close()

# Continued: the iterations go on behind the last one, and what was reported stays.
further = Task.init(task_name="first", continue_last_task=again.id, task_type=Task.TaskTypes.testing, **quiet)
equal(further.id, again.id)
equal(further.get_initial_iteration(), 4)
further.get_logger().report_scalar("loss", "train", 0.25, 0)
further.close()
equal(further.get_reported_scalars()["loss"]["train"], {"name": "train", "x": [3, 4], "y": [0.5, 0.25]})
equal(task_of(further.id)["last_iteration"], 4)
equal(list(further.artifacts), ["kept"])


def child(name, code):
    """Runs another script to its end and answers the id of its task, which it prints."""
    with open(name + ".py", "w") as script:
        script.write("from clearml import Task\n" + code)
    done = subprocess.run([sys.executable, name + ".py"], capture_output=True, text=True, timeout=120, env=user_environment())
    check("ID=" in done.stdout, done.stdout + done.stderr)
    return done.stdout.split("ID=")[1].split()[0], done


made = "task = Task.init({!r}, {!r}, auto_resource_monitoring=False)\nprint('ID=' + task.id)\n"
failed, _ = child("raises", made.format(PROJECT, "raises") + "raise ValueError('on purpose')\n")
found = eventually(lambda: (lambda t: t["status"] == "failed" and t)(task_of(failed)), "failed")
check("on purpose" in str(api("events.get_task_log", task=failed)["events"]), "the traceback is on the console")
stopped, _ = child("interrupted", made.format(PROJECT, "interrupted") + "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(30)\n")
eventually(lambda: task_of(stopped)["status"] == "stopped", "Ctrl-C stops the task")
ok()
