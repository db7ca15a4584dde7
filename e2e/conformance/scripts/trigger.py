"""Triggers: a model that is published or tagged, a dataset, a task that fails; each begins a task or calls a function once."""
import subprocess
import sys

from clearml import Dataset, Task
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/trigger"
QUEUE = "trigger"

with open("job.py", "w") as file:
    file.write("print('job')\n")
with open("watch.py", "w") as file:
    file.write(
        """
import sys
from clearml.automation import TriggerScheduler
react = sys.argv[1]
def called(what):
    return lambda subject: print("CALLED", what, subject, flush=True)
watch = TriggerScheduler(pooling_frequency_minutes=0.03, sync_frequency_minutes=1,
                         force_create_task_project="conformance/trigger", force_create_task_name="triggers")
watch.add_model_trigger(schedule_task_id=react, schedule_queue="trigger", name="published", trigger_on_publish=True,
                        trigger_project="conformance/trigger/models", task_parameters={"General/model": "${model.id}"})
watch.add_model_trigger(schedule_function=called("tagged"), name="tagged", trigger_on_tags=["good"],
                        trigger_project="conformance/trigger/models")
watch.add_dataset_trigger(schedule_function=called("dataset"), name="dataset", trigger_on_publish=True,
                          trigger_project="conformance/trigger/data")
watch.add_task_trigger(schedule_function=called("failed"), name="failed", trigger_on_status=["failed"],
                       trigger_project="conformance/trigger/tasks")
watch.start()
"""
    )
for name in ("models", "tasks"):
    api("projects.create", name=PROJECT + "/" + name)
with open("row.txt", "w") as file:
    file.write("row")


def new_version():
    dataset = Dataset.create(dataset_project=PROJECT + "/data", dataset_name="rows")
    dataset.add_files("row.txt")
    dataset.finalize(auto_upload=True)
    return dataset


# The client watches the datasets that the project has when the trigger is made.
new_version()
react = Task.create(project_name=PROJECT, task_name="react", script="job.py", packages=[], add_task_init_call=False)
react.set_parameters({"General/model": ""})
api("queues.create", name=QUEUE)
with open("watch.log", "w") as log:
    process = subprocess.Popen(
        [sys.executable, "-u", "watch.py", react.id], stdout=log, stderr=subprocess.STDOUT, text=True
    )


def log():
    with open("watch.log") as text:
        return text.read()


def project_id(name):
    return api("projects.get_all", name="^" + PROJECT + "/" + name + "$")["projects"][0]["id"]


def copies():
    return api("tasks.get_all", parent=[react.id], search_hidden=True)["tasks"]


try:
    eventually(lambda: "Sleeping until the next pool" in log() or process.poll() is not None, "it watches", 60)
    models = project_id("models")
    first, second = (
        api("models.create", name=name, uri="http://far/" + name, project=models, ready=False)["id"]
        for name in ("first", "second")
    )
    api("models.set_ready", model=first)
    copy = eventually(lambda: next((c for c in copies() if c["status"] == "queued"), None), "a published model", 60)
    equal(copy["hyperparams"]["General"]["model"]["value"], first)
    check("published" in copy["tags"], str(copy["tags"]))
    api("models.edit", model=second, tags=["good"])
    eventually(lambda: "CALLED tagged " + second in log(), "a tagged model", 60)
    task = api("tasks.create", name="breaks", type="training", project=project_id("tasks"))["id"]
    api("tasks.started", task=task)
    api("tasks.failed", task=task)
    eventually(lambda: "CALLED failed " + task in log(), "a failed task", 60)
    dataset = new_version()
    dataset.publish()
    eventually(lambda: "CALLED dataset " + dataset.id in log(), "a published dataset", 60)
    polls = log().count("Sleeping until the next pool")
    eventually(lambda: log().count("Sleeping until the next pool") > polls + 2, "it looks again", 60)
    equal(len(copies()), 1, "a model that was published once begins one task")
    equal([log().count("CALLED " + what) for what in ("tagged", "failed", "dataset")], [1, 1, 1])
    service = api("tasks.get_all", name="^triggers$", project=[task_of(react.id)["project"]])["tasks"][0]
    equal((service["type"], service["status"]), ("service", "in_progress"))
except AssertionError as error:
    raise AssertionError("{}\n{}".format(error, log()[-8000:])) from None
finally:
    process.kill()
ok()
