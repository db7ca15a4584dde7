"""Task.init makes a task, and close completes it."""
from clearml import Task
from ranloop_check import equal, ok, task_of

task = Task.init(project_name="conformance/init", task_name="new", auto_resource_monitoring=False)
found = task_of(task.id)
equal(found["status"], "in_progress")
task.close()
equal(task_of(task.id)["status"], "completed")
ok()
