"""The file system of a container, for Python processes of jobs.

A container has folders of its own at /app and /opt/ml. Here they lie below the folder of the job (CONTAINER_ROOT).
Python imports this module at its start, because its folder is on PYTHONPATH.
"""
import builtins
import os

ROOT = os.environ["CONTAINER_ROOT"]
PLACES = ("/app", "/opt/ml")


def _inside(path):
    if isinstance(path, str) and any(path == place or path.startswith(f"{place}/") for place in PLACES):
        return ROOT + path
    return path


def _redirect(module, name):
    original = getattr(module, name)

    def redirected(path, *args, **options):
        return original(_inside(path), *args, **options)

    setattr(module, name, redirected)


for function in ("chdir", "mkdir", "stat"):
    _redirect(os, function)
_redirect(builtins, "open")
