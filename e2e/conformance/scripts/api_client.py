"""APIClient: any endpoint by its generated class, with typed answers; the ones that no other scenario calls, too."""
from clearml.backend_api.services import events
from clearml.backend_api.session.client import APIClient
from clearml.backend_api.session.client.client import APIError
from ranloop_check import api, check, equal, make_queue, ok, task_of

PROJECT = "conformance/api client"
client = APIClient()
project = client.projects.create(name=PROJECT, description="by hand", tags=["p"]).id
ids = [client.tasks.create(name="task {}".format(i), type="training", project=project, tags=["t{}".format(i % 2)]).id for i in range(7)]

# Lists, pages, order, projection, patterns.
rows = client.tasks.get_all(project=[project], order_by=["-name"], page=0, page_size=3, only_fields=["name", "tags"])
equal([row.name for row in rows], ["task 6", "task 5", "task 4"])
equal([row.name for row in client.tasks.get_all(project=[project], order_by=["-name"], page=2, page_size=3)], ["task 0"])
equal(len(client.tasks.get_all(project=[project], tags=["t0"])), 4)
equal(len(client.tasks.get_all(project=[project], name="task [12]$")), 2)
equal(len(client.tasks.get_all(id=ids[:2], status=["created"])), 2)
equal(len(api("tasks.get_all_ex", project=[project])["tasks"]), 7)
equal(client.projects.get_by_id(project=project).name, PROJECT)
equal([p.id for p in client.projects.get_all(name="^" + PROJECT + "$")], [project])
equal(client.projects.update(project=project, description="changed").updated, 1)
check(set(client.projects.get_task_tags(projects=[project]).tags) == {"t0", "t1"}, "tags of tasks")
check(client.projects.get_task_parents(projects=[project]) is not None, "parents")

# A task by its parts.
one = ids[0]
client.tasks.edit(task=one, comment="edited", hyperparams={"Args": {"x": dict(section="Args", name="x", value="1")}})
equal(client.tasks.get_by_id(task=one).comment, "edited")
client.tasks.edit_hyper_params(task=one, hyperparams=[dict(section="Args", name="y", value="2")])
equal(sorted(task_of(one)["hyperparams"]["Args"]), ["x", "y"])
client.tasks.edit_configuration(task=one, configuration=[dict(name="c", value="v", type="text")])
equal(task_of(one)["configuration"]["c"]["value"], "v")
equal(api("tasks.get_configuration_names", tasks=[one])["configurations"][0]["names"], ["c"])
api("tasks.delete_configuration", task=one, configuration=["c"])
equal(task_of(one).get("configuration", {}), {})
client.tasks.set_requirements(task=one, requirements={"pip": "numpy"})
client.tasks.add_or_update_artifacts(task=one, artifacts=[dict(key="a", type="custom", uri="http://127.0.0.1/a")])
equal([a["key"] for a in task_of(one)["execution"]["artifacts"]], ["a"])
client.tasks.delete_artifacts(task=one, artifacts=[dict(key="a")])
equal(task_of(one)["execution"].get("artifacts", []), [])
copy = client.tasks.clone(task=one, new_task_name="copied").id
client.tasks.move(ids=[copy], project_name=PROJECT + "/moved")
moved = client.projects.get_all(name="^" + PROJECT + "/moved$")[0].id
equal(task_of(copy)["project"], moved)
equal(client.tasks.get_types(projects=[project]).types, ["training"])

# Queues: order of the entries, metrics, and what a worker would get.
queue = make_queue("conformance api client")
for task in ids[:4]:
    client.tasks.enqueue(task=task, queue=queue)
entries = lambda: [e.task for e in client.queues.get_by_id(queue=queue).entries]
equal(entries(), ids[:4])
client.queues.move_task_to_front(queue=queue, task=ids[3])
client.queues.move_task_backward(queue=queue, task=ids[0], count=1)
equal(entries(), [ids[3], ids[1], ids[0], ids[2]])
client.queues.move_task_forward(queue=queue, task=ids[2], count=2)
client.queues.move_task_to_back(queue=queue, task=ids[3])
equal(entries(), [ids[2], ids[1], ids[0], ids[3]])
client.queues.update(queue=queue, tags=["q"])
equal(client.queues.get_by_id(queue=queue).tags, ["q"])
check(client.queues.get_default().id, "a default queue")
client.queues.remove_task(queue=queue, task=ids[3])
equal(len(entries()), 3)
client.tasks.dequeue(task=ids[0])
equal(task_of(ids[0])["status"], "created")
equal(client.queues.get_next_task(queue=queue).entry.task, ids[2])
check(client.queues.get_queue_metrics(queue_ids=[queue], from_date=0, to_date=2**31, interval=3600).queues is not None, "metrics")

# A worker's life.
worker = "conformance-api:0"
client.workers.register(worker=worker, timeout=60, queues=[queue], tags=["w"])
stats = dict(cpu_usage=[10.0, 20.0], memory_used=100, memory_free=200)
client.workers.status_report(worker=worker, timestamp=1_700_000_000_000, queues=[queue], task=ids[2], machine_stats=stats)
mine = next(w for w in client.workers.get_all(last_seen=600) if w.id == worker)
equal((mine.task.id, [q.id for q in mine.queues]), (ids[2], [queue]))
equal(task_of(ids[2])["last_worker"], worker)
check(client.workers.get_metric_keys() is not None and client.workers.get_stats(from_date=0, to_date=2**31, interval=86400, items=[dict(key="cpu_usage", aggregation="avg")]) is not None, "statistics")
check(client.workers.get_activity_report(from_date=0, to_date=2**31, interval=86400) is not None, "activity")
client.workers.unregister(worker=worker)
client.workers.unregister(worker=worker)
check(worker not in [w.id for w in client.workers.get_all(last_seen=600)], "gone")

# Events and models.
client.tasks.started(task=one)
for i in range(3):
    client.events.add(events.MetricsScalarEvent(task=one, metric="m", variant="v", iter=i, value=float(i)))
equal(api("events.scalar_metrics_iter_histogram", task=one)["m"]["v"]["y"], [0.0, 1.0, 2.0])
equal(client.events.get_scalar_metrics_and_variants(task=one).metrics, {"m": ["v"]})
check(client.events.get_task_latest_scalar_values(task=one).metrics[0]["variants"][0]["last_value"] == 2.0, "last values")
equal(client.events.get_task_events(task=one, event_type="training_stats_scalar", batch_size=2).returned, 2)
multi = api("events.multi_task_scalar_metrics_iter_histogram", tasks=[one, copy])["metrics"]
equal(multi["m"]["v"][one]["y"], [0.0, 1.0, 2.0])
equal(client.events.get_task_metrics(tasks=[one], event_type="training_stats_scalar").metrics[0]["metrics"], ["m"])
client.events.add(events.MetricsScalarEvent(task=one, metric="Summary", variant="best", iter=-(2**31), value=1.5))
equal(client.events.get_task_single_value_metrics(tasks=[one]).tasks[0]["values"][0]["value"], 1.5)
equal(client.events.delete_for_task(task=one, allow_locked=True).deleted, True)
equal(api("events.scalar_metrics_iter_histogram", task=one), {}, "after events.delete_for_task")
model = client.models.create(name="m", uri="http://127.0.0.1/m", framework="ONNX", project=project).id
client.models.edit(model=model, comment="edited")
client.models.update(model=model, tags=["mt"])
equal([m.comment for m in client.models.get_all(project=[project])], ["edited"])
check("ONNX" in client.models.get_frameworks(projects=[project]).frameworks, "frameworks")
client.models.set_ready(model=model)
check(client.projects.get_model_tags(projects=[project]).tags == ["mt"], "tags of models")
client.models.delete(model=model, force=True)

# Many at once.
equal(client.tasks.stop_many(ids=[one, "0" * 32]).failed[0]["id"], "0" * 32)
client.tasks.archive_many(ids=ids[:2])
equal(len(client.tasks.get_all(project=[project], system_tags=["archived"])), 2)
client.tasks.unarchive_many(ids=ids[:2])
client.tasks.reset_many(ids=[one], force=True)
equal(task_of(one)["status"], "created")
client.tasks.enqueue_many(ids=[ids[5], ids[6]], queue=queue)
client.tasks.dequeue_many(ids=[ids[5], ids[6]])
equal({task_of(i)["status"] for i in ids[5:]}, {"created"})
client.tasks.delete_many(ids=[ids[5], ids[6]])
equal(len(client.tasks.get_all(id=ids)), 5)

# Refusals arrive as the client's own error with code and subcode.
try:
    client.tasks.get_by_id(task="0" * 32)
    raise AssertionError("an unknown task was answered")
except APIError as error:
    equal((error.code, error.subcode), (400, 101))
equal(api("users.get_current_user")["user"]["role"], "admin")
equal(api("server.info")["api_version"], "2.34")
check(len(api("server.endpoints")["endpoints"]) > 150, "the server lists its endpoints")
client.queues.delete(queue=queue, force=True)
client.projects.delete(project=project, force=True, delete_contents=True)
equal(len(client.tasks.get_all(id=ids)), 0)
ok()
