"""connect() of dicts, objects, argparse and configurations; what the server keeps, and how a change there comes back."""
import argparse
import json
import os
import subprocess
import sys

from clearml import Task
from clearml.task_parameters import TaskParameters, param
from ranloop_check import api, check, equal, ok, task_of, user_environment

if os.environ.get("RUN_AS"):
    Task.debug_simulate_remote_task(os.environ["RUN_AS"])


class Settings:
    kind = "tree"

    def __init__(self):
        self.depth = 3


class Typed(TaskParameters):
    iterations = param(type=int, desc="how many", range=(1, 100), default=10)
    dropout = param(type=float, default=0.5)


parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10, help="how often")
parser.add_argument("--layers", type=int, nargs="+", default=[64, 32])
parser.add_argument("--name", default="über")
parser.add_argument("--flag", action="store_true")
subs = parser.add_subparsers(dest="command")
train = subs.add_parser("train")
train.add_argument("--lr", type=float, default=0.1)

task = Task.init("conformance/connect", "connect", auto_resource_monitoring=False, reuse_last_task_id=False)
args = parser.parse_args(["--epochs", "5", "train"] if not os.environ.get("RUN_AS") else ["train"])
plain = task.connect(
    {"rate": 0.1, "on": True, "none": None, "text": "a.b$c", "list": [1, 2], "a.b": 1, "deep": {"er": {"est": 2}}, "größe": "ü", "__x": 1}
)
second = task.connect({"seed": 42}, name="Second section")
settings = task.connect(Settings())
typed = task.connect(Typed(), name="Typed")
config = task.connect_configuration({"model": {"layers": [1, 2]}, "name": "x"}, name="model config", description="of the model")
with open("settings.yaml", "w") as file:
    file.write("a: 1\nb: [1, 2]\n")
path = task.connect_configuration("settings.yaml", name="yaml file")
with open("settings.json", "w") as file:
    json.dump({"k": "v"}, file)
task.connect_configuration("settings.json", name="json file")
task.connect_label_enumeration({"background": 0, "person": 1})

if os.environ.get("RUN_AS"):
    # The second run: what was edited on the server is what the program gets, in the types of its own defaults.
    equal((args.epochs, args.layers, args.flag, args.lr), (7, [1, 2, 3], True, 0.25))
    equal((plain["rate"], plain["on"], plain["list"], plain["deep"]["er"]["est"]), (0.2, False, [3], 9))
    equal((plain["a.b"], plain["text"], plain["größe"]), (2, "a.b$c", "ß"))
    equal(second, {"seed": 43})
    equal((settings.depth, settings.kind), (4, "tree"))
    equal((typed.iterations, typed.dropout), (20, 0.5))
    equal(config["model"]["layers"], [5])
    with open(str(path)) as file:
        equal(file.read(), "a: 2\n")
    print("SECOND RUN")
    sys.exit(0)

task.set_parameter("General/added", 5, description="later", value_type=int)
task.update_parameters({"Second section/late": "x"})
task.set_user_properties(owner="me", limit={"value": 5, "type": "int", "description": "at most"})
task.flush(wait_for_uploads=True)

found = task_of(task.id)
params = found["hyperparams"]
equal(sorted(params), ["Args", "General", "Second section", "Typed", "properties"])
equal(params["Args"]["epochs"], {"section": "Args", "name": "epochs", "value": "5", "type": "int", "description": "how often"})
equal(json.loads(params["Args"]["layers"]["value"]), [64, 32])
equal(params["Args"]["name"]["value"], "über")
equal(params["Args"]["lr"]["value"], "0.1")
equal(params["General"]["deep/er/est"]["value"], "2")
equal((params["General"]["rate"]["value"], params["General"]["rate"]["type"]), ("0.1", "float"))
equal(params["General"]["a.b"]["name"], "a.b")
equal(params["General"]["größe"]["value"], "ü")
equal(params["General"]["__x"]["value"], "1")
equal(params["General"]["text"]["value"], "a.b$c")
equal(params["General"]["depth"]["value"], "3")
equal(params["General"]["added"]["description"], "later")
equal(params["Second section"]["late"]["value"], "x")
equal(params["properties"]["limit"], {"section": "properties", "name": "limit", "value": "5", "type": "int", "description": "at most"})
equal(found["execution"]["model_labels"], {"background": 0, "person": 1})
configuration = found["configuration"]
equal((configuration["model config"]["type"], configuration["model config"]["description"]), ("dictionary", "of the model"))
equal((configuration["yaml file"]["value"], configuration["yaml file"]["type"]), ("a: 1\nb: [1, 2]\n", "yaml"))
equal(json.loads(configuration["json file"]["value"]), {"k": "v"})

equal(task.get_parameters(cast=True)["General/list"], [1, 2])
equal(task.get_parameters_as_dict(cast=True)["General"]["deep"]["er"]["est"], 2)
equal(task.get_user_properties(value_only=True), {"owner": "me", "limit": "5"})
equal(task.get_parameter("Args/epochs", cast=True), 5)
equal(task.get_configuration_object_as_dict("model config"), {"model": {"layers": [1, 2]}, "name": "x"})
equal(task.get_configuration_objects()["yaml file"], "a: 1\nb: [1, 2]\n")
equal(task.get_labels_enumeration(), {"background": 0, "person": 1})
check(task.delete_user_properties([("properties", "owner")]), "a property is deleted")
equal(list(task_of(task.id)["hyperparams"]["properties"]), ["limit"])
check(task.delete_parameter("General/added", force=True), "a parameter is deleted")
check("added" not in task_of(task.id)["hyperparams"]["General"], "it is gone")
project = found["project"]
names = [(p["section"], p["name"]) for p in api("projects.get_hyper_parameters", project=project, page_size=500)["parameters"]]
check(("General", "a.b") in names and ("Args", "epochs") in names, "the project knows the names: {}".format(names))
equal([t["id"] for t in api("tasks.get_all", project=[project], id=[task.id], **{"hyperparams.Args.epochs.value": ["5"]})["tasks"]], [task.id])
task.close()

# A copy is edited as in the web interface, and the script run as an agent would run it.
copy = Task.clone(task, name="edited")
copy.set_parameters_as_dict(
    {
        "Args": {"epochs": 7, "layers": [1, 2, 3], "name": "über", "flag": True, "command": "train", "lr": 0.25},
        "General": {"rate": 0.2, "on": False, "none": None, "text": "a.b$c", "list": [3], "a.b": 2, "deep": {"er": {"est": 9}}, "größe": "ß", "__x": 1, "depth": 4, "kind": "tree"},
        "Second section": {"seed": 43},
        "Typed": {"iterations": 20, "dropout": 0.5},
    }
)
copy.set_configuration_object("model config", config_dict={"model": {"layers": [5]}, "name": "x"})
copy.set_configuration_object("yaml file", config_text="a: 2\n")
done = subprocess.run(
    [sys.executable, __file__], env={**user_environment(), "RUN_AS": copy.id}, capture_output=True, text=True, timeout=120
)
check("SECOND RUN" in done.stdout and done.returncode == 0, "the edited copy ran:\n" + done.stdout + done.stderr)
ok()
