"""The console: standard output, standard error, logging, carriage returns, report_text; in order and complete."""
import logging
import sys
import time

from clearml import Task
from ranloop_check import api, check, equal, ok

task = Task.init("conformance/console", "speaks", auto_resource_monitoring=False, reuse_last_task_id=False)
logger = task.get_logger()
print("from print ü 漢字 \N{GRINNING FACE}")
sys.stdout.write("no newline, ")
sys.stdout.write("then one\n")
print("to standard error", file=sys.stderr)
logging.getLogger("mine").warning("from logging %d", 7)
logger.report_text("from report_text", level=logging.ERROR, print_console=False)
for i in range(20):
    sys.stdout.write("\rprogress {}%".format(i * 5))
    sys.stdout.flush()
print("\rprogress 100%")
print("\x1b[31mred\x1b[0m")
for i in range(3000):
    print("line {:05d}".format(i))
print("x" * 100_000)
time.sleep(1)
task.flush(wait_for_uploads=True)
task.close()

events = api("events.get_task_log", task=task.id, order="asc", batch_size=10_000)["events"]
text = "\n".join(e["msg"] for e in events)
for said in ("from print ü 漢字 \N{GRINNING FACE}", "no newline, then one", "to standard error", "from logging 7", "from report_text", "progress 100%", "red"):
    check(said in text, "not on the console: {!r}".format(said))
equal([line for line in text.split("\n") if line.startswith("line ")], ["line {:05d}".format(i) for i in range(3000)])
check(text.count("x") >= 100_000, "a long line is whole")
equal([e["timestamp"] for e in events], sorted(e["timestamp"] for e in events))
equal({e["level"].lower() for e in events if "from report_text" in e["msg"]}, {"error"})
check(all(e["worker"] for e in events), "every line names its worker")

# Page by page from the newest backwards, as the web interface reads it.
seen = []
page = api("events.get_task_log", task=task.id, batch_size=3)
equal(page["total"], len(events))
while page["events"]:
    seen = [e["msg"] for e in reversed(page["events"])] + seen
    page = api("events.get_task_log", task=task.id, batch_size=3, from_timestamp=min(e["timestamp"] for e in page["events"]))
equal(sorted(seen), sorted(e["msg"] for e in events), "no line is lost or doubled between pages")
check("line 02999" in "".join(task.get_reported_console_output(number_of_reports=50)), "the SDK reads it too")
ok()
