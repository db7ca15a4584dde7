"""Tasks from outside: finding, tagging, cloning, moving, resetting, archiving, every change of status, and deleting."""
from datetime import datetime

from clearml import Task
from ranloop_check import ApiError, api, check, equal, make_queue, ok, refused, task_of

PROJECT = "conformance/task life"
QUEUE = "conformance life"
queue = make_queue(QUEUE)


def make(name, **more):
    return Task.create(project_name=PROJECT, task_name=name, repo="https://example.invalid/repo.git", branch="main", script="train.py", packages=["numpy==1.0"], docker="image:1", docker_args="-e A=1", docker_bash_setup_script="echo hi", **more)


first = make("first (1)", argparse_args=[("lr", "0.1")], task_type="inference")
second = make("second")
found = task_of(first.id)
equal((found["status"], found["type"]), ("created", "inference"))
script = found["script"]
equal((script["repository"], script["branch"], script["entry_point"]), ("https://example.invalid/repo.git", "main", "train.py"))
equal(script["requirements"]["pip"].split(), ["numpy==1.0", "clearml"])
equal(found["hyperparams"]["Args"]["lr"]["value"], "0.1")
container = found["container"]
equal((container["image"], container["arguments"], container["setup_shell_script"]), ("image:1", "-e A=1", "echo hi"))

# Tags, comment, name, progress, parent.
first.add_tags(["a", "b"])
first.add_tags("c")
first.set_comment("said ü")
first.set_progress(40)
second.set_tags(["b"])
second.set_parent(first.id)
check(second.rename("second, renamed"), "renamed")
first.remove_tags("c")
found = task_of(first.id)
equal((sorted(found["tags"]), found["comment"], found["runtime"]["progress"]), (["a", "b"], "said ü", "40"))
equal((task_of(second.id)["name"], task_of(second.id)["parent"]), ("second, renamed", first.id))
equal((Task.get_task(first.id).get_progress(), second.parent, first.comment), (40, first.id, "said ü"))

# Finding them.
ids = lambda **query: sorted(t.id for t in Task.get_tasks(project_name=PROJECT, **query))
both = sorted([first.id, second.id])
equal(ids(), both)
equal(ids(task_name=r"^first \(1\)$"), [first.id])
equal(ids(tags=["b"]), both)
equal(ids(tags=["__$all", "a", "b"]), [first.id])
equal(ids(tags=["b", "-a"]), [second.id])
equal(ids(task_filter={"status": ["created"], "type": ["inference"]}), [first.id])
equal(ids(task_filter={"parent": first.id}), [second.id])
equal(ids(task_filter={"search_text": "renamed"}), [second.id])
equal(sorted(Task.query_tasks(project_name=PROJECT)), both)
rows = Task.query_tasks(project_name=PROJECT, additional_return_fields=["name", "hyperparams.Args.lr.value"], task_filter={"order_by": ["name"]})
equal([row["name"] for row in rows], ["first (1)", "second, renamed"])
equal(Task.get_task(project_name=PROJECT, task_name="first (1)").id, first.id)
equal(Task.get_by_name("second, renamed").id, second.id)
equal(Task.get_task(project_name=PROJECT, task_name="there is none"), None)
equal(Task.get_project_id(PROJECT), found["project"])
check(PROJECT in [p.name for p in Task.get_projects()], "projects")
refused(400, 101, "tasks.get_by_id", task="0" * 32)

# Cloned, exported, imported.
copy = Task.clone(first, name="a copy", comment="of first", parent=second.id)
found = task_of(copy.id)
equal((found["name"], found["comment"], found["parent"], found["status"]), ("a copy", "of first", second.id, "created"))
equal(found["hyperparams"]["Args"]["lr"]["value"], "0.1")
equal(found["script"]["entry_point"], "train.py")
exported = first.export_task()
exported["name"] = "imported"
imported = Task.import_task(exported)
equal((task_of(imported.id)["name"], sorted(task_of(imported.id)["tags"])), ("imported", ["a", "b"]))
copy.set_script(branch="other", working_dir="src", entry_point="b.py", diff="a diff")
equal({k: task_of(copy.id)["script"][k] for k in ("branch", "working_dir", "entry_point", "diff")}, dict(branch="other", working_dir="src", entry_point="b.py", diff="a diff"))
copy.set_packages(["pandas"])
equal(task_of(copy.id)["script"]["requirements"]["pip"].strip(), "pandas")
copy.set_base_docker(docker_image="image:2")
equal(task_of(copy.id)["container"]["image"], "image:2")

# Queued, taken back, queued again, and moved on by hand through every status.
Task.enqueue(copy, queue_name=QUEUE)
equal((task_of(copy.id)["status"], task_of(copy.id)["execution"]["queue"]), ("queued", queue))
equal(Task.get_num_enqueued_tasks(queue_name=QUEUE), 1)
equal([e["task"] for e in api("queues.get_by_id", queue=queue)["queue"]["entries"]], [copy.id])
refused(400, 706, "tasks.enqueue", task=copy.id, queue=queue)
Task.dequeue(copy)
equal((task_of(copy.id)["status"], Task.get_num_enqueued_tasks(queue_id=queue)), ("created", 0))
Task.enqueue(copy, queue_id=queue)
equal(api("queues.get_next_task", queue=queue)["entry"]["task"], copy.id)
equal(api("queues.get_next_task", queue=queue), {})
copy.mark_started(force=True)
equal(task_of(copy.id)["status"], "in_progress")
equal(Task.get_task(copy.id).get_executed_queue(return_name=True), QUEUE)
copy.mark_stop_request(force=True)
check("stopping" in task_of(copy.id)["status_message"] or task_of(copy.id)["status"] == "stopped", "asked to stop")
copy.mark_stopped(force=True, status_message="enough")
equal((task_of(copy.id)["status"], task_of(copy.id)["status_message"]), ("stopped", "enough"))
copy.reset(force=True)
found = task_of(copy.id)
equal((found["status"], found.get("started"), found["hyperparams"]["Args"]["lr"]["value"]), ("created", None, "0.1"))
copy.mark_started()
copy.mark_failed(status_reason="on purpose", status_message="why")
equal([task_of(copy.id)[k] for k in ("status", "status_reason", "status_message")], ["failed", "on purpose", "why"])
copy.reset(force=True)
copy.mark_started()
copy.mark_completed(status_message="done")
equal(copy.get_status(), "completed")
copy.publish(ignore_errors=False)
equal((task_of(copy.id)["status"], Task.get_task(copy.id).get_status()), ("published", "published"))
refused(400, 110, "tasks.reset", task=copy.id)

# Archived and back, moved to another project, made there if missing.
first.set_archived(True)
check("archived" in task_of(first.id)["system_tags"] and first.get_archived(), "archived")
equal(sorted(t.id for t in Task.get_tasks(project_name=PROJECT, tags=["a"], allow_archived=False)), sorted([copy.id, imported.id]))
first.set_archived(False)
check("archived" not in task_of(first.id)["system_tags"], "back")
check(first.move_to_project(new_project_name=PROJECT + "/below/here"), "moved")
equal(api("projects.get_by_id", project=task_of(first.id)["project"])["project"]["name"], PROJECT + "/below/here")
equal(Task.get_task(first.id).get_project_name(), PROJECT + "/below/here")
last = datetime.fromisoformat(task_of(first.id)["last_update"])
first.set_comment("later")
check(datetime.fromisoformat(task_of(first.id)["last_change"]) >= last, "last_change moves on")

# A task that others came from, and a published one, go only by force.
check(not Task.get_task(copy.id).delete(raise_on_error=False), "a published task stays")
api("tasks.get_by_id", task=copy.id)
check(Task.get_task(imported.id).delete(raise_on_error=True), "deleted")
refused(400, 101, "tasks.get_by_id", task=imported.id)
try:
    Task.get_task(imported.id)
    raise AssertionError("a deleted task was found")
except ValueError:
    pass
equal(api("tasks.delete_many", ids=[first.id, second.id], force=True)["failed"], [])
check(task_of(copy.id).get("parent") in (None, second.id), "the copy stays")
answer = api("projects.validate_delete", project=task_of(copy.id)["project"])
equal((answer["tasks"], answer["non_archived_tasks"]), (1, 1))
try:
    api("projects.delete", project=task_of(copy.id)["project"])
    raise AssertionError("a project with tasks was deleted")
except ApiError as error:
    equal(error.code, (400, 402))
api("projects.delete", project=task_of(copy.id)["project"], force=True, delete_contents=True)
api("queues.delete", queue=queue, force=True)
ok()
