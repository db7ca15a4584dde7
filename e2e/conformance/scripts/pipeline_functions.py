"""Pipelines of functions: results between steps, steps that were done before, steps that fail, and a run begun by the API."""
from agents import Agent, console, ends
from pipelines import newest, run, statuses, steps_of
from ranloop_check import api, check, equal, eventually, ok, task_of

PROJECT = "conformance/pipeline_functions"

with open("functions.py", "w") as file:
    file.write(
        """
import sys
from clearml import PipelineController
def load(rows):
    return [1] * int(rows)
def total(data, factor=1):
    print("total of", data, factor)
    return sum(data) * int(factor)
def breaks(data):
    raise ValueError("this step breaks")
def after(value=0):
    return value
# An agent gives no arguments.
mode, rows = sys.argv[1:] or ["works", "3"]
pipe = PipelineController(mode, "conformance/pipeline_functions", version="1.0.0", pool_frequency=0.02,
                          abort_on_failure=mode == "aborts", packages=[])
pipe.add_parameter("rows", rows)
pipe.add_function_step("load", load, function_kwargs={"rows": "${pipeline.rows}"}, function_return=["data"],
                       cache_executed_step=True)
if mode == "works":
    pipe.add_function_step("total", total, function_kwargs={"data": "${load.data}", "factor": 10},
                           function_return=["sum"], parents=["load"])
else:
    pipe.add_function_step("breaks", breaks, function_kwargs={"data": "${load.data}"}, function_return=["none"],
                           continue_behaviour=dict(continue_on_fail=True, skip_children_on_fail=False)
                           if mode == "continues" else None)
    pipe.add_function_step("after", after, function_return=["value"], parents=["breaks"])
    pipe.add_function_step("beside", after, function_return=["value"], parents=["load"])
pipe.start_locally(run_pipeline_steps_locally=True)
"""
    )

# A step that was done before with the same code and parameters is not done again.
run("functions.py", "works", "3")
first = newest(PROJECT, "works")
equal((first["status"], statuses(first["id"])), ("completed", {"load": "completed", "total": "completed"}))
step = steps_of(first["id"])["total"]["executed"]
check("total of [1, 1, 1] 10" in console(step), console(step))
equal(task_of(step)["hyperparams"]["return"]["sum"]["value"], "30")
loaded = task_of(steps_of(first["id"])["load"]["executed"])
equal([artifact["key"] for artifact in loaded["execution"]["artifacts"]], ["data"])
run("functions.py", "works", "3")
second = newest(PROJECT, "works")
check(second["id"] != first["id"], "a second run")
equal(statuses(second["id"]), {"load": "cached", "total": "completed"})
equal(steps_of(second["id"])["load"]["executed"], steps_of(first["id"])["load"]["executed"])

# Failing steps: the pipeline goes on where it was told to, and ends as failed where it was not.
run("functions.py", "aborts", "3", code=None)
aborted = newest(PROJECT, "aborts")
equal(aborted["status"], "failed")
found = statuses(aborted["id"])
equal((found["load"], found["breaks"]), ("cached", "failed"))
check(found["after"] in ("skipped", "pending"), str(found))
broken = steps_of(aborted["id"])["breaks"]["job_id"]
equal(task_of(broken)["status"], "failed")
run("functions.py", "continues", "3", code=None)
continued = newest(PROJECT, "continues")
found = statuses(continued["id"])
equal((continued["status"], found["breaks"]), ("completed", "failed"))
equal((found["after"], found["beside"]), ("completed", "completed"), "children of a step that may fail are run")

# The dashboard's way: a new run of a pipeline with other parameters, on an agent.
queue = "pipeline functions"
agent = Agent("conformance-pipeline-functions:0", queue)
id_of_queue = api("queues.get_all", name="^" + queue + "$")["queues"][0]["id"]
started = api(
    "pipelines.start_pipeline", task=first["id"], queue=id_of_queue, args=[{"name": "rows", "value": "4"}],
    verify_watched_queue=True,
)
equal((started["enqueued"], started["queue_watched"]), (True, True))
again = started["pipeline"]
equal(task_of(again)["hyperparams"]["Args"]["rows"]["value"], "4")
eventually(lambda: task_of(again)["status"] != "queued", "the agent takes it", 30)
found = ends(again)
equal(found["status"], "completed", console(again))
equal(statuses(again), {"load": "completed", "total": "completed"})
step = steps_of(again)["total"]["executed"]
check("total of [1, 1, 1, 1] 10" in console(step), console(step))
equal(found["last_worker"], agent.worker)
agent.interrupt()
ok()
