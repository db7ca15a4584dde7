"""Artifacts of every kind: what the server keeps of each, what comes back, and that deleting takes the files along."""
import hashlib
import json
import os

import numpy as np
import pandas as pd
from clearml import Task
from PIL import Image
from ranloop_check import FILES, api, check, download, equal, eventually, ok, task_of

task = Task.init("conformance/artifacts", "every kind", auto_resource_monitoring=False, reuse_last_task_id=False)
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "ü"]})
os.makedirs("folder/deeper")
os.makedirs("logs")
for name in ("folder/one.txt", "folder/deeper/two.txt", "logs/wild_a.log", "logs/wild_b.log", "logs/tame.log"):
    with open(name, "w") as file:
        file.write(name)
with open("größe #1 & 100%.bin", "wb") as file:
    file.write(os.urandom(300_000))


class Pickled(object):
    """Anything else is pickled where the user asks for it."""


given = {
    "dict": {"a": [1, 2, {"b": None}]},
    "list": [1, "two", 3.0],
    "string": "text ü\nwith lines",
    "number": 7,
    "numpy": np.arange(6.0).reshape(2, 3),
    "pandas": frame,
    "image": Image.new("RGB", (8, 4), (255, 0, 0)),
    "file": "größe #1 & 100%.bin",
    "folder": "folder",
    "wildcard": "logs/wild_*.log",
}
for key, value in given.items():
    check(task.upload_artifact(key, value, metadata={"kind": key}, wait_on_upload=True), key)
task.upload_artifact("pickle", {1, 2}, auto_pickle=True, wait_on_upload=True)
task.upload_artifact("yaml", {"a": 1}, extension_name=".yaml", wait_on_upload=True)
task.upload_artifact("csv", frame, extension_name=".csv.gz", wait_on_upload=True)
task.upload_artifact("link", "https://example.invalid/some/file.zip", wait_on_upload=True)
task.upload_artifact("preview", {"x": 1}, preview="shown", wait_on_upload=True)
task.register_artifact("watched", frame.set_index("a"))
task.get_registered_artifacts()["watched"].loc[3] = "added"
task.flush(wait_for_uploads=True)

stored = {a["key"]: a for a in task_of(task.id)["execution"]["artifacts"]}
check(set(given) | {"pickle", "yaml", "csv", "link", "preview"} <= set(stored), "all are there: {}".format(sorted(stored)))
keys = [a["key"] for a in task_of(task.id)["execution"]["artifacts"]]
equal(keys, sorted(keys), "in the order of their names")
types = {key: stored[key]["type"] for key in ("dict", "numpy", "pandas", "image", "file", "folder", "wildcard", "pickle", "yaml", "csv")}
equal(
    types,
    dict(dict="dict", numpy="numpy", pandas="pandas", image="image", file="custom", folder="archive", wildcard="archive", pickle="pickle", yaml="dict", csv="pandas"),
)
equal(stored["dict"]["type_data"]["content_type"], "application/json")
equal(stored["preview"]["type_data"]["preview"], "shown")
equal(stored["dict"]["display_data"], [["kind", "dict"]])
equal(stored["link"]["uri"], "https://example.invalid/some/file.zip")

content = download(stored["file"]["uri"])
with open("größe #1 & 100%.bin", "rb") as file:
    equal(content, file.read(), "a file comes back byte for byte")
equal((stored["file"]["hash"], stored["file"]["content_size"]), (hashlib.sha256(content).hexdigest(), 300_000))
equal(json.loads(download(stored["dict"]["uri"])), given["dict"])
check(stored["dict"]["uri"].startswith(FILES), "artifacts are on the file server")

seen = Task.get_task(task.id).artifacts
for key in ("dict", "list", "string", "number"):
    equal(seen[key].get(), given[key], key)
check((seen["numpy"].get() == given["numpy"]).all(), "numpy")
check(seen["pandas"].get().equals(frame) or list(seen["pandas"].get()["b"]) == ["x", "ü"], "pandas")
equal(list(seen["csv"].get()["b"]), ["x", "ü"])
equal(seen["image"].get().size, (8, 4))
equal(seen["pickle"].get(), {1, 2})
equal(seen["yaml"].get(), {"a": 1})
equal(seen["dict"].metadata, {"kind": "dict"})
folder = seen["folder"].get_local_copy()
with open(os.path.join(str(folder), "deeper", "two.txt")) as file:
    equal(file.read(), "folder/deeper/two.txt")
equal(sorted(os.listdir(str(seen["wildcard"].get_local_copy()))), ["wild_a.log", "wild_b.log"])

# The same key again replaces.
task.upload_artifact("dict", {"b": 2}, wait_on_upload=True)
equal(Task.get_task(task.id).artifacts["dict"].get(force_download=True), {"b": 2})
task.close()
check("watched" in {a["key"] for a in task_of(task.id)["execution"]["artifacts"]}, "a registered frame was uploaded at the end")


# A key that is deleted takes its file along.
gone = stored["list"]["uri"]
check(Task.get_task(task.id).delete_artifacts(["list"], delete_from_storage=True), "an artifact is deleted")
check("list" not in {a["key"] for a in task_of(task.id)["execution"]["artifacts"]}, "the server forgot it")
equal(download(gone), None, "its file is gone")

# A deleted task leaves no file behind.
urls = [a["uri"] for a in task_of(task.id)["execution"]["artifacts"] if a["uri"].startswith(FILES)]
equal([url for url in urls if download(url) is None], [], "all files are there")
Task.get_task(task.id).delete_artifacts(["link"], delete_from_storage=False)
check(Task.get_task(task.id).delete(delete_artifacts_and_models=True, raise_on_error=True), "deleted")
eventually(lambda: all(download(url) is None for url in urls), "no file is left")
check(not api("tasks.get_all", id=[task.id])["tasks"], "the task is gone")
ok()
