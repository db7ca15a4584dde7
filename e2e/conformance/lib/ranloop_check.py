"""What every scenario uses: plain HTTP beside the SDK, checks that say what they saw, and the final OK."""
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

API = os.environ["RANLOOP_API"]
FILES = os.environ["RANLOOP_FILES"]
_basic = base64.b64encode(
    "{}:{}".format(os.environ["RANLOOP_ACCESS_KEY"], os.environ["RANLOOP_SECRET_KEY"]).encode()
).decode()
_token = []


class ApiError(Exception):
    def __init__(self, action, meta):
        super().__init__("{}: {} {}".format(action, meta.get("result_code"), meta.get("result_msg")))
        self.code = (meta.get("result_code"), meta.get("result_subcode"))


def api(action, **body):
    """Calls an endpoint without the SDK; answers `data`. Raises ApiError with `.code = (code, subcode)`."""
    return _call(action, "Bearer " + token(), body)["data"]


def token():
    if not _token:
        _token.append(_call("auth.login", "Basic " + _basic, {})["data"]["token"])
    return _token[0]


def _call(action, authorization, body):
    request = urllib.request.Request(
        "{}/v2.34/{}".format(API, action),
        data=json.dumps(body).encode(),
        headers={"Authorization": authorization, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ApiError(action, json.loads(error.read().decode() or "{}").get("meta", {})) from None


def download(url):
    """The bytes at a URL of the file server, or None where it has no such file."""
    parts = urllib.parse.urlsplit(url)
    safe = parts._replace(path=urllib.parse.quote(urllib.parse.unquote(parts.path))).geturl()
    request = urllib.request.Request(safe, headers={"Authorization": "Bearer " + token()})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def calls():
    """What clients of this scenario called so far: [{endpoint, status, ms}]."""
    with urllib.request.urlopen(API + "/__calls", timeout=10) as answer:
        return json.load(answer)


def equal(found, expected, what=""):
    if found != expected:
        raise AssertionError("{}\n  found    {!r}\n  expected {!r}".format(what, found, expected))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(code, subcode, action, **body):
    """The server must refuse this call with this code."""
    try:
        answer = api(action, **body)
    except ApiError as error:
        equal(error.code, (code, subcode), "{} {}".format(action, body))
        return
    raise AssertionError("{} {} was answered {}".format(action, body, answer))


def eventually(look, what, seconds=60):
    """Waits until `look()` answers something true, and answers that."""
    until = time.time() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.time() > until:
            raise AssertionError("not in {} s: {} (last seen: {!r})".format(seconds, what, found))
        time.sleep(0.3)


def task_of(task_id):
    return api("tasks.get_by_id", task=task_id)["task"]


def make_queue(name):
    """The id of an empty queue of this name."""
    for queue in api("queues.get_all", name="^" + name + "$")["queues"]:
        api("queues.delete", queue=queue["id"], force=True)
    return api("queues.create", name=name)["id"]


def user_environment():
    """The environment of a script of its own: Task.init tells children that they belong to its task."""
    return {k: v for k, v in os.environ.items() if "PROC" not in k and not k.endswith("TASK_ID")}


def ok():
    """The last line of a scenario."""
    print("\nOK", flush=True)
    sys.stdout.flush()
