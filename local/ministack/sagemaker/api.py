"""SageMaker's API: takes a call, checks it, and answers as AWS does.

ministack has authenticated the caller before. Each operation asks IAM before it does anything.
"""
import json

from ministack import app
from ministack.core import router
from ministack.core.responses import error_response_json, json_response

from . import access, jobs, pipelines, requests
from .errors import Refusal, not_found
from .job_kinds import KINDS

CONTENT_TYPE = "application/x-amz-json-1.1"
# Fields that have an effect. Those of jobs are checked where jobs are created, also for the jobs of pipelines.
CREATE_PIPELINE = dict.fromkeys(("PipelineName", "PipelineDisplayName", "PipelineDescription", "ClientRequestToken",
                                 "RoleArn", "Tags", "PipelineDefinition", "PipelineDefinitionS3Location"))
START_EXECUTION = dict.fromkeys(("PipelineName", "ClientRequestToken"))


def _create_job(kind):
    return lambda access_key, request: {kind.arn_field: jobs.create(kind, access_key, request).arn}


def _describe_job(kind):
    def describe(access_key, request):
        name = request[kind.name_field]
        access.demand(access_key, f"sagemaker:Describe{kind.noun}Job", access.arn_of(kind.resource, name))
        return jobs.find(kind, name).description()
    return describe


def _stop_job(kind):
    def stop(access_key, request):
        name = request[kind.name_field]
        access.demand(access_key, f"sagemaker:Stop{kind.noun}Job", access.arn_of(kind.resource, name))
        jobs.find(kind, name).stop()
        return {}
    return stop


def _add_tags(access_key, request):
    arn, tags = request["ResourceArn"], request["Tags"]
    access.demand(access_key, "sagemaker:AddTags", arn, {
        **{f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}, "aws:TagKeys": [tag["Key"] for tag in tags],
    })
    if not jobs.exists(arn) and not pipelines.exists(arn):
        raise not_found(f"{arn} does not exist.")
    return {"Tags": tags}


def _list_domains(access_key, _):
    access.demand(access_key, "sagemaker:ListDomains", "*")
    return {"Domains": []}


OPERATIONS = {
    "CreatePipeline": pipelines.create,
    "DescribePipeline": pipelines.describe,
    "StartPipelineExecution": pipelines.start,
    "DescribePipelineExecution": pipelines.describe_execution,
    "ListPipelineExecutionSteps": pipelines.list_steps,
    "AddTags": _add_tags,
    "ListDomains": _list_domains,
    **{f"{verb}{noun}Job": make(kind) for noun, kind in KINDS.items()
       for verb, make in (("Create", _create_job), ("Describe", _describe_job), ("Stop", _stop_job))},
}
SUPPORTED = {"CreatePipeline": CREATE_PIPELINE, "StartPipelineExecution": START_EXECUTION}


async def handle_request(method, path, headers, body, query_params):
    operation = headers.get("x-amz-target", "").removeprefix("SageMaker.")
    try:
        answer = _answer(operation, router.extract_access_key_id(headers, query_params), body)
    except Refusal as refusal:
        return error_response_json(refusal.code, refusal.message, 400, content_type=CONTENT_TYPE)
    status, answer_headers, content = json_response(answer)
    return status, {**answer_headers, "Content-Type": CONTENT_TYPE}, content


def _answer(operation, access_key, body):
    if operation not in OPERATIONS:
        known = operation in requests.operations()
        raise Refusal("UnknownOperationException",
                      f"the local SageMaker does not have {operation}" if known else f"{operation} is no operation")
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise Refusal("SerializationException", str(error)) from error
    requests.check(operation, request)
    if operation in SUPPORTED:
        requests.refuse_unsupported(request, SUPPORTED[operation])
    return OPERATIONS[operation](access_key, request)


def install():
    router.SERVICE_PATTERNS["sagemaker"] = {"target_prefixes": ["SageMaker."], "credential_scope": "sagemaker"}
    app.SERVICE_HANDLERS["sagemaker"] = handle_request
