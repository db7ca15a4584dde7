"""Tells how long the server works from Task.init until the first scalar can be seen; a second in all is the aim."""
import time

from clearml import Task
from ranloop_check import api, calls, eventually, ok

began = time.time()
task = Task.init("conformance/first scalar", "timed", reuse_last_task_id=False)
task.connect({"rate": 0.1})
task.get_logger().report_scalar("loss", "train", 1.0, 0)
task.flush()
eventually(lambda: api("events.scalar_metrics_iter_histogram", task=task.id).get("loss"), "the first scalar", 30)
made = calls()
seconds = sum(call["ms"] for call in made) / 1000
figure = "Task.init to the first scalar seen: {:.3f} s of the server in {} calls, {:.1f} s on the clock"
print("FIGURE: " + figure.format(seconds, len(made), time.time() - began))
task.close()
ok()
