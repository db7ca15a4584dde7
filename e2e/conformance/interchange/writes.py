"""Writes with ClearML's own SDK what ours is to read, and prints the ids as JSON."""
import json
import os

from clearml import Dataset, OutputModel, Task
from ranloop_check import ok

folder = "rows-to-send"
os.makedirs(folder + "/data")
with open(folder + "/data/rows.csv", "w") as rows:
    rows.write("time,value\n" * 100)
first = Dataset.create(dataset_project="conformance theirs", dataset_name="demand")
first.add_files(folder)
first.finalize(auto_upload=True)
with open(folder + "/more.txt", "w") as more:
    more.write("more")
second = Dataset.create(dataset_project="conformance theirs", dataset_name="demand", parent_datasets=[first.id])
second.add_files(folder)
second.finalize(auto_upload=True)

task = Task.init("conformance theirs", "trains", output_uri=True, auto_connect_frameworks=False, auto_resource_monitoring=False)
task.connect({"rate": 0.5, "epochs": 3, "shuffle": True, "units": [64, 32], "note": "x"})
task.upload_artifact("report", {"rmse": 1.5}, wait_on_upload=True)
with open("w.onnx", "w") as weights:
    weights.write("weights")
OutputModel(task, name="demand", framework="ONNX").update_weights("w.onnx", async_enable=False)
task.close()
print("FOUND" + json.dumps({"task": task.id, "first": first.id, "second": second.id}))
ok()
