"""Every endpoint that the SDK and the agent have a class for is served: none is unknown, and none fails on an empty body."""
import importlib
import pkgutil
import re

import clearml.backend_api.services as sdk
import clearml_agent.backend_api.services as agent
from clearml.backend_api.session import Session
from ranloop_check import ApiError, api, check, ok

# Of other editions: the SDK itself asks for them only where the server says that it is one.
OTHER_EDITIONS = ("datasets", "dataviews", "frames", "annotations", "routers", "tasks.share")
# A development server's own.
DEBUGGING = {"debug.apiex", "debug.echo", "debug.ex", "debug.ping_auth"}
# These would end what other scenarios stand on.
NOT_CALLED = {"auth.logout", "login.logout", "auth.revoke_credentials"}


def requests(package):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not re.search(r"\.v\d+_\d+\.\w+$", module.name):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            service, action = getattr(value, "_service", None), getattr(value, "_action", None)
            if isinstance(value, type) and service and action and "Request" in value.__name__:
                yield "{}.{}".format(service, action)


known = {name for package in (sdk, agent) for name in requests(package)}
known = {name for name in known - DEBUGGING if not name.startswith(OTHER_EDITIONS)}
check(len(known) > 100, "few endpoints were found: {}".format(sorted(known)))
missing = []
for name in sorted(known - NOT_CALLED):
    try:
        api(name)
    except ApiError as error:
        if error.code[0] not in (400, 403, 301):
            missing.append((name, error.code))
check(not missing, "not served: {}".format(missing))
check(Session.check_min_api_version("2.23"), "the SDK takes the server for a modern one")
print("FIGURE: {} endpoints that the SDK and the agent know are served".format(len(known)))
ok()
