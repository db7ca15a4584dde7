"""A pipeline written with decorators: steps side by side and one after the other, run here and by an agent."""
from agents import Agent, console
from pipelines import newest, run, statuses, steps_of
from ranloop_check import api, check, equal, ok, task_of

PROJECT = "conformance/pipeline_decorators"
QUEUE = "pipeline decorators"

with open("decorated.py", "w") as file:
    file.write(
        """
import sys
from clearml import PipelineDecorator, TaskTypes

@PipelineDecorator.component(return_values=["rows"], task_type=TaskTypes.data_processing, packages=[])
def load(count):
    return list(range(int(count)))

@PipelineDecorator.component(return_values=["sum"], packages=[])
def total(rows, factor=1):
    from clearml import Task
    Task.current_task().get_logger().report_scalar("total", "sum", sum(rows) * int(factor), 0)
    return sum(rows) * int(factor)

@PipelineDecorator.pipeline(name="decorated", project="conformance/pipeline_decorators", version="0.9", pool_frequency=0.02,
                            pipeline_execution_queue=None, packages=[])
def flow(count=4):
    rows = load(count)
    one, ten = total(rows), total(rows, factor=10)
    print("RESULT", one + ten, flush=True)

if __name__ == "__main__":
    where, count = sys.argv[1:]
    if where == "here":
        PipelineDecorator.run_locally()
    else:
        PipelineDecorator.set_default_execution_queue(where)
    flow(count=int(count))
"""
    )


def holds(pipeline, count):
    equal((pipeline["type"], pipeline["status"]), ("controller", "completed"))
    equal(pipeline["hyperparams"]["properties"]["version"]["value"], "0.9")
    found = statuses(pipeline["id"])
    equal((len(found), set(found.values())), (3, {"completed"}))
    steps = {name: task_of(step["executed"]) for name, step in steps_of(pipeline["id"]).items()}
    equal({task["parent"] for task in steps.values()}, {pipeline["id"]})
    equal(next(task["type"] for name, task in steps.items() if name.startswith("load")), "data_processing")
    totals = sorted(
        metric["value"]
        for name, task in steps.items()
        if name.startswith("total")
        for variants in task["last_metrics"].values()
        for metric in variants.values()
        if metric["metric"] == "total"
    )
    equal(totals, [sum(range(count)), 10 * sum(range(count))])
    check("RESULT {}".format(11 * sum(range(count))) in console(pipeline["id"]), console(pipeline["id"]))
    return steps


output = run("decorated.py", "here", "4")
check("RESULT 66" in output, output)
holds(newest(PROJECT, "decorated"), 4)

agent = Agent("conformance-pipeline-decorators:0", QUEUE)
output = run("decorated.py", QUEUE, "5")
check("RESULT 110" in output, output)
queued = newest(PROJECT, "decorated")
steps = holds(queued, 5)
equal({task["last_worker"] for task in steps.values()}, {agent.worker})
plots = api("events.get_task_plots", task=queued["id"])["plots"]
check("Pipeline" in {plot["metric"] for plot in plots}, "the flow is drawn")
agent.interrupt()
ok()
