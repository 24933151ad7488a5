"""Pipelines and their executions. The execution role creates the jobs of a pipeline, with its own rights."""
import contextvars
import queue
import secrets
import string
import threading
import time

from ministack.services import s3

from . import access, definitions, jobs
from .errors import Refusal, invalid, not_found

ALPHABET = string.ascii_lowercase + string.digits
JOB_NAME_LENGTH = 63

_pipelines = {}   # ARN -> pipeline
_executions = {}  # ARN -> execution


class Pipeline:
    """A definition with a role."""

    def __init__(self, arn, request, definition):
        self.arn, self.name, self.role = arn, request["PipelineName"], request["RoleArn"]
        self.definition, self.steps = definition, definitions.parse(definition)
        self.request, self.created, self.last_run = request, time.time(), None

    def description(self):
        known = {
            "PipelineArn": self.arn, "PipelineName": self.name, "PipelineDefinition": self.definition,
            "PipelineDisplayName": self.request.get("PipelineDisplayName", self.name),
            "PipelineDescription": self.request.get("PipelineDescription"), "RoleArn": self.role,
            "PipelineStatus": "Active", "CreationTime": self.created, "LastModifiedTime": self.created,
            "LastRunTime": self.last_run,
        }
        return {name: value for name, value in known.items() if value is not None}


class StepRun:
    """A step of an execution."""

    def __init__(self, step):
        self.step, self.status, self.failure, self.job = step, "Executing", None, None
        self.started, self.ended = time.time(), None

    def end(self, status, failure):
        self.status, self.failure, self.ended = status, failure, time.time()

    def description(self):
        kind = f"{self.step.kind.noun}Job"
        known = {
            "StepName": self.step.name, "StepStatus": self.status, "StartTime": self.started, "EndTime": self.ended,
            "FailureReason": self.failure, "AttemptCount": 1,
            "Metadata": {kind: {"Arn": self.job.arn}} if self.job else {},
        }
        return {name: value for name, value in known.items() if value is not None}


class Execution:
    """One run of a pipeline: a step starts when all steps succeeded that it depends on."""

    def __init__(self, pipeline):
        self.pipeline, self.id = pipeline, _random(12)
        self.arn = f"{pipeline.arn}/execution/{self.id}"
        self.status, self.failure = "Executing", None
        self.created = self.modified = time.time()
        self.runs = {}  # name of the step -> its run
        self._ended = queue.Queue()
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._run,), name=self.arn, daemon=True).start()

    def description(self):
        known = {
            "PipelineArn": self.pipeline.arn, "PipelineExecutionArn": self.arn, "PipelineExecutionStatus": self.status,
            "PipelineExecutionDisplayName": f"execution-{int(self.created * 1000)}", "FailureReason": self.failure,
            "CreationTime": self.created, "LastModifiedTime": self.modified,
        }
        return {name: value for name, value in known.items() if value is not None}

    def _run(self):
        running = 0
        while True:
            for step in self._ready():
                run = self.runs[step.name] = StepRun(step)
                self._start(run)
                running += run.status == "Executing"
            if not running:
                break
            job, name = self._ended.get()
            failure = job.failure or f"{job.kind.noun} job {job.name} was stopped."
            self.runs[name].end(*("Succeeded", None) if job.status == "Completed" else ("Failed", failure))
            running -= 1
        failed = any(run.status == "Failed" for run in self.runs.values())
        self.failure = "Step failure: One or multiple steps failed." if failed else None
        self.status, self.modified = "Failed" if failed else "Succeeded", time.time()

    def _ready(self):
        succeeded = {name for name, run in self.runs.items() if run.status == "Succeeded"}
        return [step for step in self.pipeline.steps
                if step.name not in self.runs and succeeded.issuperset(step.depends_on)]

    def _start(self, run):
        kind, role, name = run.step.kind, self.pipeline.role, run.step.name
        try:
            request = definitions.resolve(run.step.arguments, self._variables())
            request[kind.name_field] = self._job_name(name)
            # SageMaker marks the jobs of a pipeline with tags, for which the role needs sagemaker:AddTags.
            mark = {"Key": "sagemaker:pipeline-execution-arn", "Value": self.arn}
            request["Tags"] = [*request.get("Tags", []), mark]
            key = access.open_session(role).access_key
            run.job = jobs.create(kind, key, request, lambda job: self._ended.put((job, name)))
        except Refusal as refusal:
            run.end("Failed",
                    f"ClientError: Failed to invoke sagemaker:{kind.creation}. Error Details: {refusal.message}")

    def _job_name(self, step):
        start, end = f"pipelines-{self.id}-", f"-{_random(10)}"
        return start + step[:JOB_NAME_LENGTH - len(start) - len(end)].replace("_", "-").strip("-") + end

    def _variables(self):
        return {
            "Execution.PipelineArn": self.pipeline.arn, "Execution.PipelineName": self.pipeline.name,
            "Execution.PipelineExecutionArn": self.arn, "Execution.PipelineExecutionId": self.id,
        }


def create(access_key, request):
    arn = access.arn_of("pipeline", request["PipelineName"])
    access.demand_creation(access_key, "CreatePipeline", arn, request.get("Tags", []), {})
    access.demand_pass_role(access_key, request["RoleArn"], arn)
    if arn in _pipelines:
        raise invalid("Pipeline names must be unique within an AWS account and region. Pipeline with name "
                      f"({request['PipelineName']}) already exists.")
    _pipelines[arn] = Pipeline(arn, request, _definition(access_key, request))
    return {"PipelineArn": arn}


def describe(access_key, request):
    arn = _arn(request["PipelineName"])
    access.demand(access_key, "sagemaker:DescribePipeline", arn)
    return _found(_pipelines, arn, "Pipeline").description()


def start(access_key, request):
    arn = _arn(request["PipelineName"])
    access.demand(access_key, "sagemaker:StartPipelineExecution", arn)
    pipeline = _found(_pipelines, arn, "Pipeline")
    execution = Execution(pipeline)
    _executions[execution.arn] = execution
    pipeline.last_run = execution.created
    return {"PipelineExecutionArn": execution.arn}


def describe_execution(access_key, request):
    arn = request["PipelineExecutionArn"]
    access.demand(access_key, "sagemaker:DescribePipelineExecution", arn)
    return _found(_executions, arn, "Pipeline execution").description()


def list_steps(access_key, request):
    arn = request.get("PipelineExecutionArn", "")
    access.demand(access_key, "sagemaker:ListPipelineExecutionSteps", arn)
    runs = _found(_executions, arn, "Pipeline execution").runs.values()
    return {"PipelineExecutionSteps": [run.description() for run in reversed(list(runs))]}


def exists(arn):
    """Whether there is a pipeline of this ARN."""
    return arn in _pipelines


def _definition(access_key, request):
    place = request.get("PipelineDefinitionS3Location")
    if not place:
        if "PipelineDefinition" not in request:
            raise invalid("One of PipelineDefinition and PipelineDefinitionS3Location is required")
        return request["PipelineDefinition"]
    bucket, key = place["Bucket"], place["ObjectKey"]
    access.demand(access_key, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
    content = s3._get_object_data(bucket, key)
    if content is None:
        raise invalid(f"Unable to read the pipeline definition s3://{bucket}/{key}")
    return content.decode()


def _arn(name_or_arn):
    return name_or_arn if name_or_arn.startswith("arn:") else access.arn_of("pipeline", name_or_arn)


def _found(store, arn, what):
    if arn not in store:
        raise not_found(f"{what} '{arn}' does not exist.")
    return store[arn]


def _random(length):
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
