"""A pipeline of tasks that exist: parameters that refer to earlier steps, and what is monitored, run here and by an agent."""
from agents import Agent, console
from clearml import Task
from pipelines import newest, run, statuses, steps_of
from ranloop_check import FILES, api, check, download, equal, ok, task_of

PROJECT = "conformance/pipeline_tasks"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


write(
    "extract.py",
    """
import argparse
from clearml import OutputModel, Task
task = Task.init("conformance/pipeline_tasks", "extract", auto_resource_monitoring=False, output_uri=True)
parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=1)
args = parser.parse_args()
task.upload_artifact("rows", list(range(args.rows)), wait_on_upload=True)
with open("weights.bin", "w") as file:
    file.write("weights")
OutputModel(task, name="scaler", framework="custom").update_weights("weights.bin", async_enable=False)
for step in range(3):
    task.get_logger().report_scalar("quality", "rows", args.rows + step, step)
print("extracted", args.rows)
task.close()
""",
)
write(
    "train.py",
    """
import argparse
from clearml import Task
task = Task.init("conformance/pipeline_tasks", "train", auto_resource_monitoring=False)
parser = argparse.ArgumentParser()
parser.add_argument("--source")
parser.add_argument("--rows")
parser.add_argument("--from-pipeline", dest="given")
parser.add_argument("--model")
args = parser.parse_args()
source = Task.get_task(args.source)
print("trained on", source.artifacts["rows"].get(), args.rows, args.given, args.model)
task.close()
""",
)
write(
    "flow.py",
    """
import sys
from clearml import PipelineController
where, rows = sys.argv[1:]
pipe = PipelineController("tasks", "conformance/pipeline_tasks", version="1.2.3", add_pipeline_tags=True,
                          pool_frequency=0.02)
pipe.add_parameter("rows", rows, description="how many")
pipe.add_parameter("label", "plain")
pipe.add_step("extract", base_task_project="conformance/pipeline_tasks", base_task_name="extract base",
              parameter_override={"Args/rows": "${pipeline.rows}"},
              monitor_metrics=[(("quality", "rows"), ("pipeline quality", "rows"))],
              monitor_artifacts=[("rows", "rows of the step")], monitor_models=[("weights", "scaler of the step")])
pipe.add_step("train", parents=["extract"], base_task_project="conformance/pipeline_tasks", base_task_name="train base",
              parameter_override={"Args/source": "${extract.id}", "Args/rows": "${extract.parameters.Args/rows}",
                                  "Args/given": "label ${pipeline.label}",
                                  "Args/model": "${extract.models.output.-1.url}"})
if where == "here":
    pipe.start_locally(run_pipeline_steps_locally=True)
else:
    pipe.set_default_execution_queue(where)
    pipe.start_locally()
pipe.stop()
""",
)
for step in ("extract", "train"):
    base = Task.create(
        project_name=PROJECT,
        task_name=step + " base",
        script=step + ".py",
        packages=[],
        add_task_init_call=False,
        argparse_args=[("rows", "1")],
    )
    # Under an agent the destination that the server keeps counts, not the one in the code.
    api("tasks.edit", task=base.id, output_dest=FILES)


def holds(pipeline, rows):
    """What the server has of a pipeline that ended well."""
    equal((pipeline["type"], pipeline["status"]), ("controller", "completed"))
    check("pipeline" in pipeline["system_tags"], str(pipeline["system_tags"]))
    equal(pipeline["hyperparams"]["properties"]["version"]["value"], "1.2.3")
    equal(pipeline["hyperparams"]["Args"]["rows"]["value"], str(rows))
    equal(statuses(pipeline["id"]), {"extract": "completed", "train": "completed"})
    steps = steps_of(pipeline["id"])
    extract, train = (task_of(steps[name]["executed"]) for name in ("extract", "train"))
    for task, name in ((extract, "extract"), (train, "train")):
        equal((task["status"], task["parent"], task["project"]), ("completed", pipeline["id"], pipeline["project"]))
        equal(task["id"], steps[name]["job_id"])
        check("pipe: " + pipeline["id"] in task["tags"], str(task["tags"]))
    values = {name: parameter["value"] for name, parameter in train["hyperparams"]["Args"].items()}
    address = api("models.get_by_id", model=extract["models"]["output"][-1]["model"])["model"]["uri"]
    given = {"source": extract["id"], "rows": str(rows), "given": "label plain", "model": address}
    equal({name: values[name] for name in given}, given)
    expected = "trained on {} {} label plain {}".format(list(range(rows)), rows, address)
    check(expected in console(train["id"]), console(train["id"]))
    equal(download(address), b"weights")
    # Monitored: the value of the step, its artifact and its model are the pipeline's own too.
    metric = [m for variants in pipeline["last_metrics"].values() for m in variants.values()]
    monitored = [m["value"] for m in metric if m["metric"] == "pipeline quality" and m["variant"] == "rows"]
    equal(monitored, [rows + 2])
    check("rows of the step" in [a["key"] for a in pipeline["execution"]["artifacts"]], "the artifact is monitored")
    check("scaler of the step" in [m["name"] for m in pipeline["models"]["output"]], str(pipeline["models"]))
    plots = api("events.get_task_plots", task=pipeline["id"])["plots"]
    check(("Pipeline", "Execution Flow") in [(plot["metric"], plot["variant"]) for plot in plots], "the flow is drawn")


run("flow.py", "here", "3")
local = newest(PROJECT, "tasks")
holds(local, 3)

# The same with an agent. It is the pipeline's second run, and says so.
agent = Agent("conformance-pipeline-tasks:0", "pipeline tasks")
run("flow.py", "pipeline tasks", "5")
queued = newest(PROJECT, "tasks")
equal((local["name"], queued["name"]), ("tasks", "tasks #2"))
holds(queued, 5)
equal(task_of(steps_of(queued["id"])["train"]["executed"])["last_worker"], agent.worker)
hidden = api("projects.get_by_id", project=queued["project"])["project"]
equal((hidden["name"], sorted(hidden["system_tags"])), (PROJECT + "/.pipelines/tasks", ["hidden", "pipeline"]))
agent.interrupt()
ok()
