"""The command line `clearml-data`, from create to delete."""
import os
import re
import subprocess
import sys

from ranloop_check import FILES, check, download, equal, ok, refused, task_of

PROJECT = "conformance/data_cli"
CLEARML_DATA = os.path.join(os.path.dirname(sys.executable), "clearml-data")


def data(*words):
    done = subprocess.run([CLEARML_DATA, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, "clearml-data {}\n{}".format(" ".join(words), done.stdout))
    return done.stdout


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def created_id(text):
    return re.findall(r"\bid=([0-9a-f]{32})", text)[-1]


write("rows/a.csv", "a\n1\n")
write("rows/in/b.csv", "b\n2\n")
first = created_id(data("create", "--project", PROJECT, "--name", "rows", "--tags", "raw", "csv"))
equal(task_of(first)["tags"], ["raw", "csv"])
data("add", "--files", "rows")
data("set-description", "--id", first, "--description", "rows of the field")
equal(task_of(first)["comment"], "rows of the field")
data("upload")
data("close")
equal(task_of(first)["status"], "completed")

listed = data("list", "--id", first)
check("a.csv" in listed and "in/b.csv" in listed, listed)
# The program remembers the last id in the home, and takes no second way to name a dataset while it does.
os.remove(os.path.expanduser("~/.clearml_data.json"))
listed = data("list", "--project", PROJECT, "--name", "rows", "--version", "1.0.0")
check("Total 2 files" in listed, listed)
found = data("search", "--project", PROJECT, "--name", "rows", "--tags", "raw")
check(first in found and "rows" in found and "1.0.0" in found, found)
data("get", "--id", first, "--copy", "mine")
equal((read("mine/a.csv"), read("mine/in/b.csv")), ("a\n1\n", "b\n2\n"))
verified = data("verify", "--id", first, "--folder", "mine")
check("no errors found" in verified, verified)
write("mine/a.csv", "tampered")
verified = data("verify", "--id", first, "--folder", "mine")
check("1 errors found" in verified, verified)

# A child by synchronising a folder, compared with its parent.
os.remove("rows/in/b.csv")
write("rows/c.csv", "c\n3\n")
second = created_id(
    data("sync", "--folder", "rows", "--parents", first, "--project", PROJECT, "--name", "rows")
)
equal(task_of(second)["status"], "completed")
equal(task_of(second)["runtime"]["version"], "1.0.1")
compared = data("compare", "--source", first, "--target", second, "--verbose")
check(re.search(r"added[^\n]*1|1[^\n]*added", compared, re.IGNORECASE) and "c.csv" in compared, compared)
data("publish", "--id", second)
equal(task_of(second)["status"], "published")

# A child by hand: remove, add a link, another storage folder.
third = created_id(data("create", "--project", PROJECT, "--name", "rows", "--parents", second, "--version", "3.0.0"))
data("remove", "--files", "a.csv")
write("outside/d.csv", "d")
data("add", "--links", "file://" + os.path.abspath("outside/d.csv"))
data("close")
equal((task_of(third)["runtime"]["version"], task_of(third)["status"]), ("3.0.0", "completed"))
data("get", "--id", third, "--copy", "third")
equal(sorted(os.listdir("third")), ["c.csv", "d.csv"])

squashed = created_id(data("squash", "--name", "one", "--ids", first, second))
data("get", "--id", squashed, "--copy", "one")
equal(sorted(os.listdir("one")), ["a.csv", "c.csv", "in"])

data("move", "--project", PROJECT, "--name", "one", "--new-project", PROJECT + "/moved")
check(squashed in data("search", "--project", PROJECT + "/moved"), "moved")
data("rename", "--project", PROJECT + "/moved", "--name", "one", "--new-name", "renamed")

uri = next(a["uri"] for a in task_of(third)["execution"]["artifacts"] if a["key"] == "state")
check(uri.startswith(FILES), uri)
data("delete", "--id", third)
refused(400, 101, "tasks.get_by_id", task=third)
equal(download(uri), None, "its state is gone")
data("delete", "--id", squashed, "--force")
refused(400, 101, "tasks.get_by_id", task=squashed)
ok()
