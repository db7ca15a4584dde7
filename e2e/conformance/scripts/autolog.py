"""What the SDK logs unasked: joblib models of scikit-learn, figures of matplotlib, and the resource monitor's curves."""
import joblib
import matplotlib.pyplot as plt
import numpy as np
from clearml import InputModel, Model, Task
from ranloop_check import FILES, api, check, equal, eventually, ok, task_of
from sklearn.linear_model import LogisticRegression

Task.set_resource_monitor_iteration_timeout(1, 1, 5)
task = Task.init("conformance/autolog", "scikit-learn", output_uri=True, reuse_last_task_id=False)
rows = np.array([[0.0], [1.0], [2.0], [3.0]])
model = LogisticRegression().fit(rows, [0, 0, 1, 1])
joblib.dump(model, "model.pkl", compress=True)
joblib.dump(model, "second.pkl")
for title in ("one", "two"):
    plt.figure()
    plt.scatter(rows, rows)
    plt.title(title)
    plt.show()
task.flush(wait_for_uploads=True)

outputs = eventually(lambda: (lambda m: len(m) == 2 and m)(task_of(task.id)["models"]["output"]), "both models")
equal(sorted(m["name"] for m in outputs), ["model", "second"])
saved = next(api("models.get_by_id", model=m["model"])["model"] for m in outputs if m["name"] == "model")
check(saved["uri"].startswith(FILES), saved["uri"])
check(saved["framework"].lower().replace("-", "").replace("_", "") in ("scikitlearn", "joblib"), saved["framework"])
loaded = joblib.load(Model(saved["id"]).get_local_copy())
equal(list(loaded.predict([[0.0], [3.0]])), [0, 1])
plots = {p["metric"] for p in api("events.get_task_plots", task=task.id, iters=5)["plots"]}
images = {e["metric"] for e in api("events.get_task_events", task=task.id, event_type="training_debug_image")["events"]}
check({"one", "two"} <= plots | images, "figures: {} {}".format(plots, images))
curves = lambda: api("events.scalar_metrics_iter_histogram", task=task.id).get(":monitor:machine")
monitor = eventually(curves, "the resource monitor reports", 90)
check("cpu_usage" in monitor, "its curves: {}".format(sorted(monitor)))
found = task_of(task.id)
equal(found["runtime"]["gpu_count"] if "gpu_count" in found["runtime"] else 0, 0)
check(found["runtime"]["cpu_cores"] >= 1 and found["runtime"]["platform"], "the machine is described")
check("scikit" in found["script"]["requirements"]["pip"], "imports became requirements: " + found["script"]["requirements"]["pip"])
task.close()

user = Task.init("conformance/autolog", "loads", auto_resource_monitoring=False, reuse_last_task_id=False)
joblib.load(InputModel(saved["id"]).get_local_copy())
user.close()
inputs = [m["model"] for m in task_of(user.id)["models"]["input"]]
check(saved["id"] in inputs, "a loaded model is an input: {}".format(inputs))
ok()
