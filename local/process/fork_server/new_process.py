"""Gives a fork the state of a new Python process: variables, folder, arguments, PYTHONPATH, files, signals."""
import atexit
import builtins
import os
import runpy
import signal
import sys
import tempfile
import threading
import types


def can_run(arguments):
    """A script or a module; anything else that an interpreter is called with is left to it."""
    return bool(arguments) and (not arguments[0].startswith("-") or (arguments[0] == "-m" and len(arguments) > 1))


def become(arguments, environment, folder, files):
    """Does to this process what the start of an interpreter does."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None
    sys.pycache_prefix = environment.get("PYTHONPYCACHEPREFIX")
    own = os.path.dirname(os.path.abspath(__file__))
    added = [os.path.abspath(path) for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [*added, *(path for path in sys.path if path != own)]
    sys.orig_argv = [sys.executable, *arguments]
    _run_sitecustomize(added)


def _run_sitecustomize(folders):
    for folder in folders:
        path = os.path.join(folder, "sitecustomize.py")
        if os.path.exists(path):
            module = sys.modules["sitecustomize"] = types.ModuleType("sitecustomize")
            module.__file__ = path
            _execute(path, module)
            return


def run(arguments):
    """Runs the script or the module as `__main__`, and ends this process as Python ends one.

    The modules are not torn down: with all of ZenML imported that takes longer than many a script.
    """
    code = 0
    try:
        _run_main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if code and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def _run_main(arguments):
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__builtins__ = builtins
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path.insert(0, os.getcwd())
        runpy._run_module_as_main(arguments[1])
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(os.path.realpath(arguments[0])))
        main.__file__ = os.path.join(os.getcwd(), arguments[0])
        _execute(arguments[0], main)


def _execute(path, module):
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)
