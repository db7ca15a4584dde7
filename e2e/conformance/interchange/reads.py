"""Reads with ClearML's own SDK what ours wrote, and prints what it found as JSON."""
import json
import sys

from clearml import Dataset, Model, Task
from ranloop_check import ok

task = Task.get_task(task_id=sys.argv[1])
dataset = Dataset.get(dataset_project="conformance interchange", dataset_name="demand")
folder = dataset.get_local_copy()
with open(folder + "/data/rows.csv") as rows:
    content = rows.read()
model = Model(model_id=task.models["output"][0].id)
print(
    "FOUND"
    + json.dumps(
        {
            "parameters": task.get_parameters(cast=True),
            "report": task.artifacts["report"].get(),
            "report_hash": task.artifacts["report"].hash,
            "scalars": task.get_reported_scalars(),
            "single": task.get_reported_single_values(),
            "dataset": [dataset.id, dataset.version, sorted(dataset.list_files()), content],
            "verified": dataset.verify_dataset_hash(local_copy_path=folder),
            "model": [model.name, model.framework, open(model.get_local_copy(), "rb").read().decode(), model.published],
            "metadata": model.get_all_metadata(),
        },
        default=str,
    )
)
ok()
