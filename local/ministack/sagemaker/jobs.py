"""Training jobs and processing jobs: each runs its command as a process of this machine, with its execution role."""
import contextvars
import threading
import time

from ministack.core.responses import get_region

from . import access, images, requests
from .errors import Refusal, invalid, not_found
from .job_kinds import TRAINING
from .logs import JobLog
from .processes import JobProcess

DAY = 24 * 3600
ENDED = ("Completed", "Failed", "Stopped")

_jobs = {}  # ARN -> job


class Job:
    """One job, from its creation to its end."""

    def __init__(self, kind, arn, request, on_end):
        self.kind, self.arn, self.request = kind, arn, request
        self.status, self.failure = "InProgress", None
        self.created = self.modified = time.time()
        self.started = self.ended = None
        self._on_end = on_end
        limit = request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DAY)
        self._process = JobProcess(request["RoleArn"], limit)
        # A thread begins without the account and the Region of the request.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name=self.name, daemon=True)

    @property
    def name(self):
        return self.request[self.kind.name_field]

    def start(self):
        self._thread.start()

    def stop(self):
        """As the API's Stop: the process is told to end."""
        if self.status not in ENDED:
            self._to("Stopping")
            self._process.stop()

    def _run(self):
        try:
            self._run_image()
        except Refusal as refusal:
            self._end("Failed", f"{refusal.code}: {refusal.message}")
        except Exception as error:  # a fault of the stand-in ends the job too: nobody waits for ever
            self._end("Failed", f"InternalServerError: {error!r}")
            raise
        finally:
            self._on_end(self)

    def _run_image(self):
        role = self.request["RoleArn"]
        key = access.open_session(role).access_key
        environment = images.pull(key, role, self.kind.image(self.request))
        variables, files = self.kind.surroundings(self.name, self.arn)
        log = JobLog(key, self.kind.log_group, f"{self.name}/algo-1-{int(time.time())}")
        self.started = time.time()
        code, message = self._process.run(
            self.kind.command(self.request),
            {**environment, **self.request.get("Environment", {}), **variables, "AWS_REGION": get_region()},
            files,
            log.write,
        )
        if self._process.is_stopping:
            self._end("Stopped", None)
        elif code:
            self._end("Failed", f"AlgorithmError: {message}, exit code: {code}")
        else:
            self._end("Completed", None)

    def _end(self, status, failure):
        self.failure, self.ended = failure, time.time()
        self._to(status)

    def _to(self, status):
        self.status, self.modified = status, time.time()

    def description(self):
        """What the API's Describe answers."""
        request = {name: value for name, value in self.request.items() if name != "Tags"}
        known = {
            **request, self.kind.arn_field: self.arn, self.kind.status_field: self.status,
            "FailureReason": self.failure,
            "CreationTime": self.created, "LastModifiedTime": self.modified,
            f"{self.kind.noun}StartTime": self.started, f"{self.kind.noun}EndTime": self.ended,
            **(self._training_description() if self.kind is TRAINING else {}),
        }
        return {name: value for name, value in known.items() if value is not None}

    def _training_description(self):
        status = {"InProgress": "Training" if self.started else "Downloading"}.get(self.status, self.status)
        if self._process.has_timed_out and self.status == "Stopped":
            status = "MaxRuntimeExceeded"
        output = self.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        transition = {"Status": status, "StartTime": self.created, "StatusMessage": self.failure or status}
        return {
            "SecondaryStatus": status, "SecondaryStatusTransitions": [transition],
            "ModelArtifacts": {"S3ModelArtifacts": f"{output}/{self.name}/output/model.tar.gz"},
        }


def create(kind, access_key, request, on_end=lambda job: None):
    """Creates and starts a job in the name of the caller."""
    requests.check(kind.creation, request)
    arn = access.arn_of(kind.resource, request[kind.name_field])
    access.demand_creation(access_key, kind.creation, arn, request.get("Tags", []), kind.conditions(request))
    access.demand_pass_role(access_key, request["RoleArn"], arn)
    if not kind.cluster(request).get("InstanceType"):
        raise invalid(f"{kind.required} is required")
    if not kind.command(request):
        raise invalid("the local SageMaker knows no entry points of images: name one in ContainerEntrypoint")
    requests.refuse_unsupported(request, kind.supported)
    if arn in _jobs:
        raise Refusal("ResourceInUse", f"{kind.noun} job names must be unique within an AWS account and region, or you "
                      f"must wait until the job has been deleted. {kind.noun} job with name {request[kind.name_field]} "
                      "already exists.")
    job = _jobs[arn] = Job(kind, arn, request, on_end)
    job.start()
    return job


def find(kind, name):
    """The job of a name. Refused when there is none."""
    job = _jobs.get(access.arn_of(kind.resource, name))
    if job is None:
        raise not_found("Requested resource not found.")
    return job


def exists(arn):
    """Whether there is a job of this ARN."""
    return arn in _jobs
