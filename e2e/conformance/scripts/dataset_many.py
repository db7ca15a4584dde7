"""A dataset of 5,000 files, one in many chunks, and one whose files are elsewhere."""
import hashlib
import os
import pathlib

from clearml import Dataset, StorageManager
from ranloop_check import FILES, api, download, equal, ok, task_of

PROJECT = "conformance/dataset_many"
FILES_OF_IT = 5_000


def digests(folder):
    root = pathlib.Path(str(folder))
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def many_files():
    for index in range(FILES_OF_IT):
        path = "many/{:02d}/{:04d}.txt".format(index // 100, index)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("measurement {}\n".format(index))
    dataset = Dataset.create(dataset_project=PROJECT, dataset_name="many")
    equal(dataset.add_files("many"), FILES_OF_IT)
    dataset.finalize(auto_upload=True)
    found = Dataset.get(dataset_project=PROJECT, dataset_name="many")
    equal(len(found.list_files()), FILES_OF_IT)
    equal(digests(found.get_local_copy()), digests("many"))
    runtime = task_of(dataset.id)["runtime"]
    equal(int(runtime["ds_file_count"]), FILES_OF_IT)
    state = next(a for a in task_of(dataset.id)["execution"]["artifacts"] if a["key"] == "state")
    equal(len(download(state["uri"])), state["content_size"], "the state is as large as its artifact says")


def many_chunks():
    """Six files that do not compress, in chunks of one megabyte; a child adds one more chunk."""
    os.makedirs("chunks")
    for index in range(6):
        with open("chunks/{}.bin".format(index), "wb") as file:
            file.write(os.urandom(700_000))
    parent = Dataset.create(dataset_project=PROJECT, dataset_name="chunks")
    parent.add_files("chunks")
    parent.upload(chunk_size=1)
    parent.finalize()
    artifacts = {a["key"]: a for a in task_of(parent.id)["execution"]["artifacts"]}
    data = sorted(key for key in artifacts if key.startswith("data"))
    equal(data, ["data", "data_001", "data_002"], "a chunk is full when it is over its size")
    equal([len(download(artifacts[key]["uri"])) for key in data], [artifacts[key]["content_size"] for key in data])
    with open("chunks/6.bin", "wb") as file:
        file.write(os.urandom(10))
    child = Dataset.create(dataset_project=PROJECT, dataset_name="chunks", parent_datasets=[parent.id])
    child.add_files("chunks")
    child.finalize(auto_upload=True)
    found = Dataset.get(dataset_id=child.id)
    equal(found.get_num_chunks(), 4)
    equal(digests(found.get_local_copy()), digests("chunks"))
    equal(len(digests(found.get_local_copy(part=0, num_parts=4))), 2, "the first of four chunks has two files")


def files_elsewhere():
    """Links to a folder of this machine and to an address of a file server."""
    os.makedirs("outside/in")
    for name, text in {"a.csv": "1", "in/b.csv": "22", "in/c.txt": "333"}.items():
        with open("outside/" + name, "w") as file:
            file.write(text)
    StorageManager.upload_file("outside/a.csv", FILES + "/conformance/outside/link.csv", wait_for_upload=True)
    dataset = Dataset.create(dataset_project=PROJECT, dataset_name="elsewhere")
    added = dataset.add_external_files("file://" + os.path.abspath("outside") + "/", wildcard="*.csv", dataset_path="own")
    equal(added, 2)
    equal(dataset.add_external_files(FILES + "/conformance/outside/link.csv", dataset_path="far"), 1)
    dataset.finalize(auto_upload=True)
    task = task_of(dataset.id)
    equal(int(task["runtime"]["ds_link_count"]), 3)
    equal("external files" in task["tags"], True, str(task["tags"]))
    found = Dataset.get(dataset_project=PROJECT, dataset_name="elsewhere")
    equal(sorted(found.list_files()), ["far/link.csv", "own/a.csv", "own/in/b.csv"])
    copy = digests(found.get_local_copy())
    equal(copy["far/link.csv"], hashlib.sha256(b"1").hexdigest())
    equal(copy["own/in/b.csv"], hashlib.sha256(b"22").hexdigest())


many_files()
many_chunks()
files_elsewhere()
equal(len(Dataset.list_datasets(dataset_project=PROJECT)), 4)
ok()
