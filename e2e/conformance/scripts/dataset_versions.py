"""A dataset grows by versions: children, removals, copies, squash, tags, metadata, and the end of a version."""
import hashlib
import io
import json
import os
import zipfile

import pandas
from clearml import Dataset
from ranloop_check import api, download, equal, ok, refused, task_of

PROJECT = "conformance/dataset_versions"
NAME = "towers (north) v1.0"
FIRST = {"rows.csv": "a,b\n1,2\n", "deep/er/x.txt": "x" * 1000, "ć ž.txt": "čšž"}
SECOND = {"rows.csv": "a,b\n3,4\n", "new.txt": "new", "ć ž.txt": "čšž"}
THIRD = {"rows.csv": "changed", "ć ž.txt": "čšž"}


def write(files, folder):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf8") as file:
            file.write(text)


def tree(folder):
    found = {}
    for base, _, names in os.walk(str(folder)):
        for name in names:
            with open(os.path.join(base, name), encoding="utf8") as file:
                found[os.path.relpath(os.path.join(base, name), str(folder))] = file.read()
    return found


def get(**which):
    return Dataset.get(dataset_project=PROJECT, dataset_name=NAME, **which)


def missing(**which):
    try:
        found = Dataset.get(**which)
    except ValueError:
        return
    raise AssertionError("{} found {}".format(which, found.id))


def first_version():
    write(FIRST, "one")
    first = Dataset.create(dataset_project=PROJECT, dataset_name=NAME, dataset_tags=["raw"], description="north towers")
    equal(first.add_files("one"), 3)
    task = task_of(first.id)
    equal((task["type"], task["status"], task["comment"]), ("data_processing", "in_progress", "north towers"))
    equal((sorted(task["system_tags"]), task["tags"]), (["dataset", "development"], ["raw"]))
    first.upload(show_progress=False)
    first.set_metadata(pandas.DataFrame({"site": ["n1", "n2"], "cells": [3, 6]}))
    first.set_metadata({"source": "drive test"}, metadata_name="origin")
    equal(first.finalize(), True)

    project = api("projects.get_by_id", project=task["project"])["project"]
    equal((project["name"], sorted(project["system_tags"])), (PROJECT + "/.datasets/" + NAME, ["dataset", "hidden"]))
    above = api("projects.get_by_id", project=project["parent"])["project"]
    equal((above["name"], above["system_tags"]), (PROJECT + "/.datasets", ["hidden"]))
    equal(api("projects.get_all", name="^" + PROJECT + "/\\.datasets")["projects"], [], "hidden projects stay hidden")

    task = task_of(first.id)
    equal((task["status"], task["runtime"]["version"]), ("completed", "1.0.0"))
    equal(task["hyperparams"]["properties"]["version"]["value"], "1.0.0")
    equal((int(task["runtime"]["ds_file_count"]), int(task["runtime"]["ds_total_size"])), (3, 8 + 1000 + 6))
    artifacts = {artifact["key"]: artifact for artifact in task["execution"]["artifacts"]}
    equal(sorted(artifacts), ["data", "metadata", "origin", "state"])
    body = download(artifacts["data"]["uri"])
    equal(hashlib.sha256(body).hexdigest(), artifacts["data"]["hash"])
    equal(sorted(zipfile.ZipFile(io.BytesIO(body)).namelist()), sorted(FIRST))
    plots = api("events.get_task_plots", task=first.id)["plots"]
    equal(("Dataset Metadata", "Dataset Metadata") in [(p["metric"], p["variant"]) for p in plots], True, str(plots))

    got = get()
    equal((got.id, got.version, sorted(got.list_files())), (first.id, "1.0.0", sorted(FIRST)))
    equal(got.get_metadata("origin"), {"source": "drive test"})
    equal(got.get_metadata().to_dict("list"), {"site": ["n1", "n2"], "cells": [3, 6]})
    folder = got.get_local_copy()
    equal((tree(folder), got.verify_dataset_hash(folder)), (FIRST, []))
    return first


def second_version(first):
    write({"rows.csv": "a,b\n3,4\n", "new.txt": "new"}, "two")
    second = Dataset.create(dataset_project=PROJECT, dataset_name=NAME, parent_datasets=[first.id])
    equal(second.add_files("two"), 1, "one file is new, one changed")
    equal(second.remove_files("deep/*"), 1)
    equal(
        (second.list_added_files(), second.list_modified_files(), second.list_removed_files()),
        (["new.txt"], ["rows.csv"], ["deep/er/x.txt"]),
    )
    second.finalize(auto_upload=True)
    got = get()
    equal((got.id, got.version), (second.id, "1.0.1"))
    equal(got.get_dependency_graph(), {second.id: [first.id], first.id: []})
    equal(tree(got.get_local_copy()), SECOND)
    runtime = task_of(second.id)["runtime"]
    equal([int(runtime["ds_change_" + kind]) for kind in ("add", "remove", "modify")], [1, 1, 1])
    found = api("tasks.get_configurations", tasks=[second.id], names=["Dataset Struct"])["configurations"][0]
    struct = json.loads(found["configuration"][0]["value"])
    equal(sorted(step["job_id"] for step in struct.values()), sorted([first.id, second.id]))
    return second


def third_version(second):
    """A copy of one's own, changed and synchronised, tagged and published."""
    equal(tree(get().get_mutable_local_copy("mine")), SECOND)
    write({"rows.csv": "changed"}, "mine")
    os.remove("mine/new.txt")
    third = Dataset.create(dataset_project=PROJECT, dataset_name=NAME, parent_datasets=[second.id])
    equal(third.sync_folder("mine"), (1, 0, 1), "removed, added, changed")
    third.add_tags(["golden"])
    third.finalize(auto_upload=True)
    third.publish()
    task = task_of(third.id)
    equal((task["status"], task["tags"], "published" in task), ("published", ["golden"], True))
    refused(400, 110, "tasks.edit", task=third.id, comment="no")
    equal(tree(get().get_local_copy()), THIRD)
    return third


def found_by_what_users_say(first, second, third):
    equal(get(only_published=True).id, third.id)
    equal(get(dataset_version="1.0.0").id, first.id)
    equal(get(dataset_version="1.0.1").id, second.id)
    equal(get(dataset_tags=["raw"]).id, first.id)
    equal(get(dataset_tags=["golden"]).id, third.id)
    equal(Dataset.get(dataset_id=second.id).name, NAME)
    missing(dataset_project=PROJECT, dataset_name=NAME, dataset_version="9.9.9")
    missing(dataset_project=PROJECT, dataset_name="towers")
    listed = Dataset.list_datasets(dataset_project=PROJECT)
    equal({entry["project"] for entry in listed}, {PROJECT})
    equal(
        sorted((entry["name"], entry["version"], str(entry["status"])) for entry in listed),
        [(NAME, "1.0.0", "completed"), (NAME, "1.0.1", "completed"), (NAME, "1.0.2", "published")],
    )
    by = lambda **which: [entry["id"] for entry in Dataset.list_datasets(dataset_project=PROJECT, **which)]
    equal(by(tags=["golden"]), [third.id])
    equal(by(partial_name="south"), [])
    equal(by(ids=[first.id]), [first.id])


def squashes(first, second, third):
    merged = Dataset.squash("squashed", dataset_ids=[first.id, second.id, third.id])
    found = Dataset.get(dataset_project=PROJECT, dataset_name="squashed")
    equal(found.id, merged.id)
    # The client lays the files of each version over those of the versions before it.
    equal(tree(found.get_local_copy()), {**FIRST, **SECOND, **THIRD})
    alone = Dataset.squash("alone", dataset_ids=[third.id])
    equal(tree(Dataset.get(dataset_id=alone.id).get_local_copy()), THIRD)
    equal(alone.get_dependency_graph(), {alone.id: []})
    return merged, alone


def numbers_of_versions(alone):
    """A number that was given, the next one by itself, and versions that are archived."""
    given = Dataset.create(
        dataset_project=PROJECT, dataset_name="alone", dataset_version="2.5.0", parent_datasets=[alone.id]
    )
    given.add_files("two/new.txt")
    given.finalize(auto_upload=True)
    newest = Dataset.get(dataset_project=PROJECT, dataset_name="alone", writable_copy=True)
    newest.add_files("one/rows.csv", dataset_path="more")
    newest.finalize(auto_upload=True)
    found = Dataset.get(dataset_project=PROJECT, dataset_name="alone")
    equal((found.id, found.version), (newest.id, "2.5.1"))
    equal(sorted(found.list_files()), sorted(["more/rows.csv", "new.txt", *THIRD]))
    api("tasks.archive", tasks=[newest.id])
    equal(Dataset.get(dataset_project=PROJECT, dataset_name="alone").id, given.id)
    equal(Dataset.get(dataset_project=PROJECT, dataset_name="alone", include_archived=True).id, newest.id)
    return given


def moves(given):
    elsewhere = PROJECT + "/elsewhere"
    Dataset.move_to_project(elsewhere, dataset_project=PROJECT, dataset_name="alone")
    moved = Dataset.get(dataset_project=elsewhere, dataset_name="alone")
    equal(moved.id, given.id)
    project = api("projects.get_by_id", project=task_of(given.id)["project"])["project"]
    equal((project["name"], sorted(project["system_tags"])), (elsewhere + "/.datasets/alone", ["dataset", "hidden"]))
    equal(tree(moved.get_local_copy()), {**THIRD, "new.txt": "new"})
    missing(dataset_project=PROJECT, dataset_name="alone")
    # The client renames the project alone: the tasks in it keep their names.
    Dataset.rename("lonely", dataset_project=elsewhere, dataset_name="alone")
    renamed = Dataset.get(dataset_id=given.id)
    equal((renamed.name, renamed.project), ("lonely", elsewhere))
    equal(api("projects.get_by_id", project=project["id"])["project"]["name"], elsewhere + "/.datasets/lonely")


def deletes(merged, published):
    addresses = [artifact["uri"] for artifact in task_of(merged.id)["execution"]["artifacts"]]
    equal([address for address in addresses if download(address) is None], [])
    Dataset.delete(dataset_project=PROJECT, dataset_name="squashed")
    refused(400, 101, "tasks.get_by_id", task=merged.id)
    equal([address for address in addresses if download(address) is not None], [], "its files went with it")
    missing(dataset_id=merged.id)
    Dataset.delete(dataset_project=PROJECT, dataset_name=NAME, entire_dataset=True, force=True)
    left = [entry["id"] for entry in Dataset.list_datasets(dataset_project=PROJECT, partial_name="^towers")]
    equal(left, [published.id], "the client deletes all of it but what is published")


one = first_version()
two = second_version(one)
three = third_version(two)
found_by_what_users_say(one, two, three)
together, single = squashes(one, two, three)
moves(numbers_of_versions(single))
deletes(together, three)
ok()
