"""Runs Python in a fork of a process that has already imported ZenML. Called in place of the interpreter.

Arguments: the name of the fork server's socket, the interpreter, and what the interpreter was to run. Output, input,
environment, working directory, arguments, signals and exit code are those of this process. Where the fork server cannot
help, the interpreter is executed as if nothing had been in between.

Every process of the live tests begins with this file, so it imports only what is compiled into the interpreter.
"""
import _signal
import _socket
import marshal
import os
import sys

NAME, PYTHON, *ARGUMENTS = sys.argv[1:]
FORWARDED = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP)


# The shell that starts this file adds these.
for variable in ("PWD", "OLDPWD", "SHLVL", "_"):
    os.environ.pop(variable, None)


def execute():
    os.execv(PYTHON, [PYTHON, *ARGUMENTS])


def ask():
    """A connection to a fork that runs, and its process id; or nothing."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(f"\0{NAME}")
        request = marshal.dumps((ARGUMENTS, dict(os.environ), os.getcwd()))
        files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
        connection.sendmsg([len(request).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
        connection.sendall(request)
        return connection, number_from(connection)
    except OSError:
        return None, 0


def number_from(connection):
    """A number of four bytes; 0 when the connection ends."""
    return int.from_bytes(connection.recv(4, _socket.MSG_WAITALL), "big", signed=True)


def main():
    # A signal waits until there is a fork that gets it.
    _signal.pthread_sigmask(_signal.SIG_BLOCK, FORWARDED)
    connection, process = ask()
    if not process:
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, FORWARDED)
        execute()
    for one in FORWARDED:
        _signal.signal(one, lambda number, _: os.kill(process, number))
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, FORWARDED)
    answer = connection.recv(4, _socket.MSG_WAITALL)
    code = int.from_bytes(answer, "big", signed=True) if len(answer) == 4 else -_signal.SIGKILL
    if code < 0:
        # Ends by the same signal as the fork.
        if -code in FORWARDED:
            _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
