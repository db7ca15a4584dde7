"""InputModel and OutputModel: weights, metadata, labels, tags, queries, publishing, and removal."""
import os

from clearml import InputModel, Model, OutputModel, Task
from ranloop_check import FILES, api, check, download, equal, ok, refused, task_of

PROJECT = "conformance/models"
task = Task.init(PROJECT, "trains", output_uri=True, auto_connect_frameworks=False, auto_resource_monitoring=False, reuse_last_task_id=False)
with open("weights.onnx", "wb") as file:
    file.write(b"weights 1")
output = OutputModel(task, name="demand", framework="ONNX", tags=["night"], label_enumeration={"low": 0, "high": 1}, comment="of demand")
output.update_weights("weights.onnx", iteration=5, async_enable=False, auto_delete_file=False)
output.update_design(config_dict={"layers": [64, 32]})
output.update_labels({"low": 0, "high": 2})
check(output.set_metadata("horizon", "5", "int"), "metadata")
output.set_all_metadata({"horizon": {"type": "int", "value": "6"}, "a.b$c": {"type": "str", "value": "odd"}}, replace=False)
output.report_scalar("accuracy", "test", 0.9, 1)
output.report_single_value("rmse", 1.5)
output.tags = ["night", "tested"]
task.flush(wait_for_uploads=True)

model = api("models.get_by_id", model=output.id)["model"]
equal((model["name"], model["framework"], model["ready"], model["task"]), ("demand", "ONNX", False, task.id))
equal(model["labels"], {"low": 0, "high": 2})
equal(model["tags"], ["night", "tested"])
equal(model["metadata"]["horizon"], {"key": "horizon", "type": "int", "value": "6"})
equal(model["metadata"]["a.b$c"]["value"], "odd")
check(model["uri"].startswith(FILES), "its weights are on the file server: " + model["uri"])
equal(download(model["uri"]), b"weights 1")
equal([m["model"] for m in task_of(task.id)["models"]["output"]], [output.id])
check("layers" in model["design"]["design"], "its design is kept")

second = OutputModel(task, name="other", framework="PyTorch")
second.update_weights(register_uri="https://example.invalid/weights.pt")
for n in (1, 2):
    with open("part{}".format(n), "w") as file:
        file.write("part {}".format(n))
package = OutputModel(task, name="package", framework="Custom")
package.update_weights_package(weights_filenames=["part1", "part2"], auto_delete_file=False)
package.wait_for_uploads()
task.flush(wait_for_uploads=True)

read = Model(output.id)
equal((read.framework, read.labels, read.published, read.task), ("ONNX", {"low": 0, "high": 2}, False, task.id))
equal(read.get_metadata_casted("horizon"), 6)
equal(read.get_all_metadata()["a.b$c"]["value"], "odd")
equal(read.config_dict, {"layers": [64, 32]})
with open(read.get_local_copy(), "rb") as file:
    equal(file.read(), b"weights 1")
equal(sorted(os.path.basename(f) for f in Model(package.id).get_weights_package()), ["part1", "part2"])
single = api("events.get_task_single_value_metrics", tasks=[output.id], model_events=True)["tasks"][0]["values"]
equal([(v["variant"], v["value"]) for v in single], [("rmse", 1.5)])
curve = api("events.scalar_metrics_iter_histogram", task=output.id, model_events=True)
equal(curve["accuracy"]["test"]["y"], [0.9])

names = lambda **query: sorted(m.id for m in Model.query_models(project_name=PROJECT, **query))
equal(names(), sorted([output.id, second.id, package.id]))
equal(names(tags=["night"]), [output.id])
equal(names(tags=["-night"]), sorted([second.id, package.id]))
equal(names(model_name="other"), [second.id])
equal(names(metadata={"horizon": "6"}), [output.id])
equal(names(only_published=True), [])
output.publish()
equal(names(only_published=True), [output.id])
equal(api("models.get_by_id", model=output.id)["model"]["ready"], True)
second.archive()
equal(names(), sorted([output.id, package.id]))
equal(names(include_archived=True), sorted([output.id, second.id, package.id]))
second.unarchive()
equal(names(), sorted([output.id, second.id, package.id]))
task.close()

# Another task takes it as its input.
user = Task.init(PROJECT, "uses", auto_connect_frameworks=False, auto_resource_monitoring=False, reuse_last_task_id=False)
taken = InputModel(model_id=output.id)
user.connect(taken, name="the input")
equal([(m["name"], m["model"]) for m in task_of(user.id)["models"]["input"]], [("the input", output.id)])
equal(user.models["input"]["the input"].id, output.id)
by_name = InputModel(name=model["name"], project=PROJECT, only_published=True)
equal(by_name.id, output.id)
registered = InputModel.import_model("https://example.invalid/other.h5", name="imported", project=PROJECT, framework="Keras", label_enumeration={"a": 1}, tags=["foreign"], create_as_published=True)
found = api("models.get_by_id", model=registered.id)["model"]
equal((found["uri"], found["ready"], found["labels"], found["tags"]), ("https://example.invalid/other.h5", True, {"a": 1}, ["foreign"]))
equal(InputModel.import_model("https://example.invalid/other.h5").id, registered.id, "the same address is the same model")
equal(InputModel.load_model("https://example.invalid/other.h5").id, registered.id)
user.close()

# A model that is in use or published stays until it is forced; its weights go with it.
refused(400, 203, "models.set_ready", model=output.id)
uri = api("models.get_by_id", model=package.id)["model"]["uri"]
check(Model.remove(package.id, delete_weights_file=True, force=True, raise_on_errors=True), "removed")
equal(download(uri), None, "the weights are gone")
refused(400, 201, "models.get_by_id", model=package.id)
ok()
