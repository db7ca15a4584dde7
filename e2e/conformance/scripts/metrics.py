"""Scalars, plots, debug images and media: reported as users do, read back through the SDK and from the server."""
import json
import os
import struct
import wave

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from clearml import Logger, Task
from PIL import Image
from ranloop_check import FILES, api, check, download, equal, ok, task_of

task = Task.init("conformance/metrics", "reports", auto_resource_monitoring=False, reuse_last_task_id=False)
logger = task.get_logger()

for i in range(5):
    logger.report_scalar("loss", "train", 1.0 / (i + 1), i)
    logger.report_scalar("loss", "test/über $1.5", 2.0 / (i + 1), i)
logger.report_scalar("odd", "nan", float("nan"), 0)
logger.report_scalar("odd", "inf", float("inf"), 0)
logger.report_scalar("odd", "far", 1.5, 2**40)
logger.report_scalar("odd", "below zero", 1.5, -5)
logger.report_scalar("loss", "train", 9.0, 2)
Logger.current_logger().report_scalar("current", "logger", 3, 0)
logger.report_single_value("best", 0.25)
logger.report_single_value("Größe", 3)

plt.plot([1, 2], [3, 4])
plt.title("captured")
plt.show()
figure = plt.figure()
figure.gca().plot([1, 2, 3])
logger.report_matplotlib_figure("own figure", "series", figure, iteration=1, report_image=False)
logger.report_matplotlib_figure("as image", "series", figure, iteration=1, report_image=True)
logger.report_plotly("plotly", "bars", iteration=0, figure=go.Figure(go.Bar(x=["a", "b"], y=[1, 2])))
logger.report_confusion_matrix("confusion", "test", iteration=0, matrix=np.array([[5, 1], [2, 7]]), xlabels=["x", "y"], ylabels=["x", "y"])
logger.report_histogram("histogram", "h", values=[1, 2, 3], iteration=0, xlabels=["a", "b", "c"])
logger.report_vector("vector", "v", values=[1, 2, 3], iteration=0)
logger.report_scatter2d("scatter", "s", scatter=[[0, 1], [1, 2]], iteration=0, mode="markers")
logger.report_scatter3d("scatter 3d", "s", scatter=np.random.rand(5, 3), iteration=0)
logger.report_line_plot("lines", [dict(name="l", data=np.array([[0, 1], [1, 3]]))], xaxis="x", yaxis="y", iteration=0)
logger.report_surface("surface", "s", matrix=np.random.rand(4, 4), iteration=0)
frame = pd.DataFrame({"name": ["a", "ü"], "value": [1.5, float("nan")]})
logger.report_table("table", "pandas", iteration=0, table_plot=frame)
logger.report_plotly("big", "series", iteration=0, figure=go.Figure(go.Scatter(y=np.random.rand(20_000))))
for i in range(3):
    logger.report_scatter2d("moving", "s", scatter=[[0, i]], iteration=i)

for i in range(7):
    logger.report_image("image", "pillow", iteration=i, image=Image.new("RGB", (6, 3), (i, 0, 0)))
logger.report_image("image", "array", iteration=0, image=np.zeros((3, 3, 3), dtype=np.uint8))
logger.report_image("image", "address", iteration=0, url="https://example.invalid/i.png")
with wave.open("sound.wav", "wb") as sound:
    sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
    sound.writeframes(struct.pack("<100h", *range(100)))
logger.report_media("media", "sound", iteration=0, local_path="sound.wav")
with open("page.html", "w") as file:
    file.write("<b>ü</b>")
logger.report_media("media", "page", iteration=0, local_path="page.html")
task.flush(wait_for_uploads=True)
task.close()

read = Task.get_task(task.id)
scalars = read.get_reported_scalars()
equal(scalars["loss"]["train"], {"name": "train", "x": [0, 1, 2, 3, 4], "y": [1.0, 0.5, 9.0, 0.25, 0.2]})
equal(scalars["loss"]["test/über $1.5"]["y"], [2.0, 1.0, 2.0 / 3, 0.5, 0.4])
equal(scalars["odd"]["nan"]["y"] + scalars["odd"]["inf"]["y"], [0.0, 0.0], "the SDK sends 0 for both")
equal((scalars["odd"]["far"]["x"], scalars["odd"]["below zero"]["x"]), ([2**40], [-5]))
equal(scalars["current"]["logger"]["y"], [3])
check("Summary" not in scalars, "single values are no curves")
equal(read.get_reported_single_values(), {"best": 0.25, "Größe": 3.0})
equal(read.get_reported_single_value("best"), 0.25)
check(read.get_reported_scalars(x_axis="timestamp")["loss"]["train"]["x"][0] > 1e12, "milliseconds")
check(read.get_reported_scalars(x_axis="iso_time")["loss"]["train"]["x"][0].startswith("20"), "dates")
equal(read.get_all_reported_scalars()["loss"]["train"]["y"], [1.0, 0.5, 9.0, 0.25, 0.2])
last = read.get_last_scalar_metrics()
equal({k: last["loss"]["train"][k] for k in ("last", "min", "max")}, {"last": 0.2, "min": 0.2, "max": 9.0})
equal(last["Summary"]["best"]["last"], 0.25)
equal(read.get_last_iteration(), 2**40)

plots = {}
for plot in read.get_reported_plots():
    plots.setdefault((plot["metric"], plot["variant"]), []).append(plot)
expected = {
    ("own figure", "series"), ("plotly", "bars"), ("confusion", "test"), ("histogram", "h"), ("vector", "v"), ("scatter", "s"),
    ("scatter 3d", "s"), ("surface", "s"), ("table", "pandas"), ("big", "series"), ("moving", "s"),
}  # fmt: skip
check(expected <= set(plots), "missing plots: {}".format(expected - set(plots)))
check(any(metric == "captured" for metric, _ in plots), "a figure that was shown is there: {}".format(sorted(plots)))
check(any(metric == "lines" for metric, _ in plots), "lines")
body = json.loads(plots["confusion", "test"][0]["plot_str"])
equal(body["data"][0]["type"], "heatmap")
table = json.loads(plots["table", "pandas"][0]["plot_str"])["data"][0]
equal(table["type"], "table")
check("ü" in str(table["cells"]["values"]), "cells")
big = json.loads(plots["big", "series"][0]["plot_str"])
check(len(plots["big", "series"][0]["plot_str"]) > 200_000 or "bdata" in str(big), "a large plot comes whole")
latest = api("events.get_task_plots", task=task.id, iters=1)["plots"]
equal([p["iter"] for p in latest if p["metric"] == "moving"], [2])
equal(sorted(p["iter"] for p in api("events.get_task_plots", task=task.id, iters=5)["plots"] if p["metric"] == "moving"), [0, 1, 2])
check(len(read.get_reported_plots(max_iterations=1)) >= len(expected), "plots of the last iteration")

samples = read.get_debug_samples("image", "pillow")
equal(sorted(s["iter"] for s in samples)[-1], 6)
newest = max(samples, key=lambda s: s["iter"])
check(newest["url"].startswith(FILES), newest["url"])
with open("seen.jpg", "wb") as file:
    file.write(download(newest["url"]))
equal(Image.open("seen.jpg").size, (6, 3))
equal([s["url"] for s in read.get_debug_samples("image", "address")], ["https://example.invalid/i.png"])
media = {e["variant"]: e["url"] for e in api("events.get_task_events", task=task.id, event_type="training_debug_image")["events"] if e["metric"] == "media"}
equal(download(media["page"]), "<b>ü</b>".encode())
equal(len(download(media["sound"])), os.path.getsize("sound.wav"))
check(any(e["metric"] == "as image" for e in api("events.get_task_events", task=task.id, event_type="training_debug_image")["events"]), "a figure as an image")

metrics = task_of(task.id)["last_metrics"]
names = {(v["metric"], v["variant"]) for m in metrics.values() for v in m.values()}
check(("loss", "test/über $1.5") in names, "last metrics: {}".format(names))
found = api("projects.get_unique_metric_variants", project=task_of(task.id)["project"])["metrics"]
check({"loss", "odd", "current"} <= {m["metric"] for m in found}, "the project knows its metrics")
ok()
