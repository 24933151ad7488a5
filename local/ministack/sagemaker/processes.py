"""The process of a job: the command of the request, with the environment of image, request and SageMaker."""
import contextvars
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from . import credentials

CONTAINER = os.path.join(os.path.dirname(__file__), "container")
OUTPUT_SECONDS = 1  # for the last lines after the end of the process
STOP_SECONDS = 120  # between SageMaker's SIGTERM and its SIGKILL


class JobProcess:
    """One run of a command, in a folder that stands for the container's file system."""

    def __init__(self, role_arn, max_seconds):
        self._role_arn, self._max_seconds = role_arn, max_seconds
        self._process = None
        self._stopping = threading.Event()
        self.has_timed_out = False

    @property
    def is_stopping(self):
        return self._stopping.is_set()

    def run(self, command, environment, files, write_line):
        """Runs the command to its end; the exit code, and what the job wrote to /opt/ml/output/failure."""
        root = tempfile.mkdtemp(prefix="sagemaker-job-", dir=os.getcwd())
        address = credentials.publish(self._role_arn)
        timer = threading.Timer(self._max_seconds, self._time_out)
        timer.daemon = True
        try:
            for folder in ("opt/ml/output/data", "opt/ml/model", "root", *map(os.path.dirname, files)):
                os.makedirs(os.path.join(root, folder), exist_ok=True)
            for path, content in files.items():
                with open(os.path.join(root, path), "w") as file:
                    file.write(content)
            timer.start()
            return self._to_its_end(command, {**environment, **_surroundings(root, address)}, root, write_line)
        finally:
            timer.cancel()
            credentials.withdraw(address)
            shutil.rmtree(root, ignore_errors=True)

    def stop(self):
        """SIGTERM, and SIGKILL two minutes later, as SageMaker does."""
        self._stopping.set()
        process = self._process
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            killer = threading.Timer(STOP_SECONDS, process.kill)
            killer.daemon = True
            killer.start()

    def _time_out(self):
        self.has_timed_out = True
        self.stop()

    def _to_its_end(self, command, environment, root, write_line):
        if self.is_stopping:
            return 0, ""
        # The program is looked up in the image, and not where ministack finds its own programs.
        program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
        if not program:
            return 127, f"exec: {command[0]}: executable file not found in $PATH"
        self._process = subprocess.Popen([program, *command[1:]], cwd=os.path.join(root, "root"), env=environment,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         text=True, errors="replace")
        # A container ends with its first process. Others may keep the pipe open, so the end of the output is no sign.
        copy = contextvars.copy_context().run
        reader = threading.Thread(target=copy, args=(_each_line, self._process.stdout, write_line), daemon=True)
        reader.start()
        code = self._process.wait()
        reader.join(OUTPUT_SECONDS)
        return code, _text(os.path.join(root, "opt/ml/output/failure"))


def _each_line(output, write_line):
    for line in output:
        write_line(line.rstrip("\n"))


def _surroundings(root, address):
    """What a container in AWS has around it: its file system, its role, and the way to AWS."""
    certificate = os.environ["MINISTACK_SSL_CERT"]
    return {
        "CONTAINER_ROOT": root,
        "PYTHONPATH": CONTAINER,
        # Where ministack's own compiled modules are: to compile ZenML takes longer than to run a step.
        "PYTHONPYCACHEPREFIX": sys.pycache_prefix or os.path.join(root, "pycache"),
        "HOME": os.path.join(root, "root"),
        "TMPDIR": root,
        "LANG": "C.UTF-8",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": address,
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_CA_BUNDLE": certificate,
        "REQUESTS_CA_BUNDLE": certificate,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _text(path):
    try:
        with open(path) as file:
            return file.read(1024)
    except OSError:
        return ""
