"""clearml-init writes a configuration that works; clearml-task makes and enqueues tasks."""
import os
import subprocess
import sys

from clearml import Task
from ranloop_check import API, FILES, check, equal, make_queue, ok, refused, task_of, user_environment

BIN = os.path.dirname(sys.executable)
QUEUE = "conformance command lines"
queue = make_queue(QUEUE)


def run(program, *words, given="", environment=None):
    done = subprocess.run(
        [os.path.join(BIN, program), *words], input=given, capture_output=True, text=True, timeout=120, env=environment or user_environment()
    )
    return done.returncode, done.stdout + done.stderr


# clearml-init: what the user pastes from the web interface is verified against the server and written down.
pasted = """api {{
  web_server: {web}
  api_server: {api}
  files_server: {files}
  credentials {{ "access_key" = "{key}"
    "secret_key" = "{secret}" }}
}}
"""
keys = dict(api=API, files=FILES, web=os.environ["RANLOOP_WEB"], key=os.environ["RANLOOP_ACCESS_KEY"], secret=os.environ["RANLOOP_SECRET_KEY"])
without = {k: v for k, v in user_environment().items() if not k.startswith("CLEARML_")}
without["CLEARML_CONFIG_FILE"] = os.path.abspath("made.conf")
code, said = run("clearml-init", "--file", "made.conf", given=pasted.format(**keys) + "\n" * 10, environment=without)
check(code == 0 and "Credentials verified" in said, "clearml-init:\n" + said)
with open("made.conf") as file:
    made = file.read()
check(API in made and FILES in made and keys["key"] in made, "the configuration names the server")
check("setup completed successfully" in said, said)
with open("uses.py", "w") as file:
    file.write("from clearml import Task\nprint(Task.create('conformance/command lines', 'by the new configuration').id)\n")
done = subprocess.run([sys.executable, "uses.py"], env=without, capture_output=True, text=True, timeout=120)
check(done.returncode == 0, done.stdout + done.stderr)
equal(task_of(done.stdout.split()[-1])["name"], "by the new configuration")
code, said = run("clearml-init", "--file", "bad.conf", given=pasted.format(**{**keys, "secret": "wrong"}) + "\n" * 10, environment={**without, "CLEARML_CONFIG_FILE": os.path.abspath("bad.conf")})
check("Credentials verified" not in said, "wrong credentials are told apart:\n" + said)

# clearml-task
with open("train.py", "w") as file:
    file.write("import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=1)\nprint(p.parse_args())\n")
code, said = run(
    "clearml-task", "--project", "conformance/command lines", "--name", "from a script", "--script", "train.py", "--args", "lr=0.5", "mode=fast",
    "--queue", QUEUE, "--task-type", "testing", "--packages", "numpy", "--docker", "image:3", "--docker_args=-e B=2", "--tags", "x", "y",
)  # fmt: skip
check(code == 0, said)
task = Task.get_task(project_name="conformance/command lines", task_name="from a script")
found = task_of(task.id)
equal((found["status"], found["type"], sorted(found["tags"]), found["execution"]["queue"]), ("queued", "testing", ["x", "y"], queue))
equal({k: v["value"] for k, v in found["hyperparams"]["Args"].items()}, {"lr": "0.5", "mode": "fast"})
check("argparse" in found["script"]["diff"] and found["script"]["entry_point"] == "train.py", "the script is kept")
check("numpy" in found["script"]["requirements"]["pip"], "packages")
equal((found["container"]["image"], found["container"]["arguments"]), ("image:3", "-e B=2"))
code, said = run("clearml-task", "--project", "conformance/command lines", "--name", "a draft", "--script", "train.py", "--packages", "numpy")
check(code == 0, said)
draft = Task.get_task(project_name="conformance/command lines", task_name="a draft")
equal(task_of(draft.id)["status"], "created")
code, said = run("clearml-task", "--project", "conformance/command lines", "--name", "a copy", "--base-task-id", draft.id, "--args", "lr=0.9", "--packages", "numpy")
check(code == 0, said)
copy = task_of(said.split("created id=")[1].split()[0])
equal((copy["name"], copy["status"], copy["hyperparams"]["Args"]["lr"]["value"]), ("a draft", "created", "0.9"))
code, said = run("clearml-task", "--project", "p", "--name", "nowhere", "--script", "train.py", "--packages", "numpy", "--queue", "there is no such queue")
check(code != 0 or "rror" in said or "not find" in said, "a missing queue is told: " + said)
refused(400, 801, "queues.create", name=QUEUE)
ok()
