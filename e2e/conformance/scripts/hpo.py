"""The optimizer tries parameters on an agent: a grid, a random search, and which of them were best."""
import json
import subprocess
import sys

from agents import Agent
from clearml import Task
from ranloop_check import api, check, equal, ok, task_of

PROJECT = "conformance/hpo"
QUEUE = "hpo"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


write(
    "base.py",
    """
import argparse
from clearml import Task
task = Task.init("conformance/hpo", "base", auto_resource_monitoring=False)
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float, default=0)
parser.add_argument("--y", type=float, default=0)
args = parser.parse_args()
task.get_logger().report_scalar("loss", "validation", (args.x - 2) ** 2 + args.y, 1)
task.close()
""",
)
write(
    "optimize.py",
    """
import json, sys
from clearml import Task
from clearml.automation import (DiscreteParameterRange, GridSearch, HyperParameterOptimizer, RandomSearch,
                                UniformIntegerParameterRange)
kind, base = sys.argv[1:]
task = Task.init("conformance/hpo", kind, task_type=Task.TaskTypes.optimizer, auto_resource_monitoring=False)
second = (DiscreteParameterRange("Args/y", values=[0, 1]) if kind == "grid"
          else UniformIntegerParameterRange("Args/y", min_value=0, max_value=9))
optimizer = HyperParameterOptimizer(
    base_task_id=base, hyper_parameters=[DiscreteParameterRange("Args/x", values=[1, 2]), second],
    objective_metric_title="loss", objective_metric_series="validation", objective_metric_sign="min",
    optimizer_class=GridSearch if kind == "grid" else RandomSearch, execution_queue="hpo", max_number_of_concurrent_tasks=2,
    total_max_jobs=4 if kind == "grid" else 2, pool_period_min=0.03, min_iteration_per_job=1, max_iteration_per_job=1000)
optimizer.set_report_period(0.05)
optimizer.start()
assert optimizer.wait(timeout=4)
top = optimizer.get_top_experiments(top_k=2)
details = optimizer.get_top_experiments_details(top_k=2)
optimizer.stop()
print("FOUND" + json.dumps({"optimizer": task.id, "top": [t.id for t in top], "details": details}, default=str), flush=True)
task.close()
""",
)
base = Task.create(project_name=PROJECT, task_name="base", script="base.py", packages=[], add_task_init_call=False)
agents = [Agent("conformance-hpo:{}".format(index), QUEUE) for index in range(2)]


def optimize(kind):
    done = subprocess.run(
        [sys.executable, "optimize.py", kind, base.id], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    equal(done.returncode, 0, done.stdout[-10000:])
    line = next(line for line in done.stdout.splitlines() if line.startswith("FOUND"))
    return json.loads(line[len("FOUND") :])


def jobs_of(optimizer):
    return api("tasks.get_all", parent=[optimizer], search_hidden=True)["tasks"]


def value(task, name):
    return float(task["hyperparams"]["Args"][name]["value"])


found = optimize("grid")
jobs = jobs_of(found["optimizer"])
equal(sorted((value(job, "x"), value(job, "y")) for job in jobs), [(1, 0), (1, 1), (2, 0), (2, 1)])
equal({job["status"] for job in jobs}, {"completed"})
check(all("opt: " + found["optimizer"] in job["tags"] for job in jobs), str([job["tags"] for job in jobs]))
best = {job["id"]: (value(job, "x") - 2) ** 2 + value(job, "y") for job in jobs}
equal([best[task] for task in found["top"]], [0, 1], "the least loss comes first")
equal(found["details"][0]["task_id"], found["top"][0])
optimizer = task_of(found["optimizer"])
equal((optimizer["type"], optimizer["status"]), ("optimizer", "completed"))
check("summary" in [a["key"] for a in optimizer["execution"]["artifacts"]], "the summary is kept")
equal(len({job["last_worker"] for job in jobs} - {agent.worker for agent in agents}), 0)

found = optimize("random")
equal({job["status"] for job in jobs_of(found["optimizer"])}, {"completed"})
check(1 <= len(jobs_of(found["optimizer"])) <= 2, "as many as were asked for")
for agent in agents:
    agent.interrupt()
ok()
