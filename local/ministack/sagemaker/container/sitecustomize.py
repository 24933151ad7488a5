"""The file system of a container, for Python processes of jobs.

A container has folders of its own at /app and /opt/ml. Here they lie below the folder of the job (CONTAINER_ROOT).
Python imports this module at its start, because its folder is on PYTHONPATH.
"""
import builtins
import os

ROOT = os.environ["CONTAINER_ROOT"]
PLACES = ("/app", "/opt/ml")


def _inside(path):
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        if isinstance(text, str) and any(text == place or text.startswith(f"{place}/") for place in PLACES):
            return ROOT + text
    return path


def _redirect(module, name):
    original = getattr(module, name)

    def redirected(*args, **options):
        return original(*map(_inside, args[:1]), *args[1:], **options)

    setattr(module, name, redirected)


for function in ("chdir", "mkdir", "stat"):
    _redirect(os, function)
_redirect(builtins, "open")
