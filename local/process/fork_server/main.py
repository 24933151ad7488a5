"""A process that imports a module once and forks for each request of `start.py`.

Arguments: the name of its socket, the module to import (a file beside this one), and the beginnings of variables that
must be the same in each fork. It imports at the first request, so a run that needs no fork pays nothing. It ends, and
its forks end with it, when its process group gets a signal.
"""
import gc
import importlib
import marshal
import os
import selectors
import signal
import socket
import struct
import sys

import new_process
from read_variables import ReadVariables

FILES = 3
REQUEST_SECONDS = 10


class ForkServer:
    """The parent of the forks."""

    def __init__(self, name, module, prefixes):
        self._module_name, self._module = module, None
        self._variables = ReadVariables(prefixes)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(f"\0{name}")
        self._listener.listen(64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)

    def serve(self):
        """In a fork: the arguments of the new process. The parent never returns."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    connection, _ = self._listener.accept()
                    arguments = self._accept(connection)
                    if arguments:
                        return arguments
                elif key.data:
                    key.data()

    def _accept(self, connection):
        connection.settimeout(REQUEST_SECONDS)
        try:
            (arguments, environment, folder), files = _request(connection)
        except (OSError, ValueError, EOFError):
            connection.close()
            return None
        self._import()
        differing = self._variables.differ_in(environment)
        if differing or not new_process.can_run(arguments):
            print(f"no fork for {arguments[:2]}: {differing or 'neither a script nor a module'}", flush=True)
            connection.close()
        else:
            process = os.fork()
            if not process:
                self._leave(connection)
                new_process.become(arguments, environment, folder, files)
                getattr(self._module, "in_new_process", lambda: None)()
                return arguments
            self._watch(process, connection)
        for file in files:
            os.close(file)
        return None

    def _import(self):
        if self._module:
            return
        with self._variables.watch():
            self._module = importlib.import_module(self._module_name)
        # What the imports have written is no output of a fork.
        sys.stdout.flush()
        sys.stderr.flush()
        # Objects that the collector never looks at are never copied for a fork.
        gc.collect()
        gc.freeze()

    def _leave(self, connection):
        connection.close()
        for key in list(self._selector.get_map().values()):
            (key.fileobj.close if hasattr(key.fileobj, "close") else lambda: os.close(key.fd))()
        self._selector.close()

    def _watch(self, process, connection):
        """Reports the exit code of the fork to its launcher. Kills the fork when its launcher is gone."""
        handle = os.pidfd_open(process)

        def ended():
            self._selector.unregister(handle)
            os.close(handle)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            if connection.fileno() >= 0:
                self._selector.unregister(connection)
                _send(connection, code)
                connection.close()

        def gone():
            if connection.fileno() < 0:
                return  # it ended at the same moment
            self._selector.unregister(connection)
            connection.close()
            signal.pidfd_send_signal(handle, signal.SIGKILL)

        self._selector.register(handle, selectors.EVENT_READ, ended)
        self._selector.register(connection, selectors.EVENT_READ, gone)
        _send(connection, process)


def _send(connection, number):
    try:
        connection.sendall(number.to_bytes(4, "big", signed=True))
    except OSError:
        pass  # the other side is gone, which the selector reports


def _request(connection):
    """Arguments, environment and folder of the new process, and its input and outputs."""
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if user != os.getuid():
        raise ValueError("another user of the machine")
    size, files, _, _ = socket.recv_fds(connection, 4, FILES)
    request = connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
    return marshal.loads(request), files


if __name__ == "__main__":
    new_process.run(ForkServer(sys.argv[1], sys.argv[2], tuple(sys.argv[3:])).serve())
