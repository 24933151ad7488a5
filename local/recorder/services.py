"""Answers of the other services of AWS: each call succeeds, and each job ends well at once."""
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from recorder import Answer, Caller, Error, Recorder


def answers(account: str, recorder: Callable[[], Recorder]) -> dict[str, Answer]:
    """An answer for each service but S3."""

    def sts(operation: str, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        if operation == "AssumeRole":
            key = recorder().new_session(parameters["RoleArn"], parameters.get("Policy"))
            ends = datetime.now(timezone.utc) + timedelta(hours=1)
            credentials = {"AccessKeyId": key, "SecretAccessKey": "x" * 40, "SessionToken": "token"}
            return {"Credentials": {**credentials, "Expiration": ends}}
        name = caller.role.split("/")[-1] if caller.role else "user"
        return {"Account": account, "UserId": name, "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/session"}

    def sagemaker(operation: str, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        arn = f"arn:aws:sagemaker:{caller.region}:{account}"
        pipeline = f"{arn}:pipeline/{parameters.get('PipelineName')}"
        made = _times()
        training = {"TrainingJobName": parameters.get("TrainingJobName"), "TrainingJobStatus": "Completed", **made}
        processing = {
            "ProcessingJobName": parameters.get("ProcessingJobName"), "ProcessingJobStatus": "Completed", **made,
        }
        known: dict[str, dict[str, Any]] = {
            "CreatePipeline": {"PipelineArn": pipeline},
            "DescribePipeline": {"PipelineArn": pipeline, "PipelineName": parameters.get("PipelineName")},
            "StartPipelineExecution": {"PipelineExecutionArn": f"{pipeline}/execution/abcdefghijkl"},
            "DescribePipelineExecution": {"PipelineExecutionStatus": "Succeeded"},
            "CreateTrainingJob": {"TrainingJobArn": f"{arn}:training-job/{parameters.get('TrainingJobName')}"},
            "DescribeTrainingJob": {
                **training, "SecondaryStatus": "Completed", "ResourceConfig": {"InstanceCount": 1},
                "SecondaryStatusTransitions": [], "BillableTimeInSeconds": 1, "TrainingTimeInSeconds": 1,
            },
            "StopTrainingJob": {},
            "CreateProcessingJob": {"ProcessingJobArn": f"{arn}:processing-job/{parameters.get('ProcessingJobName')}"},
            "DescribeProcessingJob": {**processing, "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1}}},
            "StopProcessingJob": {},
        }
        if operation == "ListDomains":
            # ZenML only wants a link to the console, and goes on without it.
            raise Error(400, "AccessDeniedException")
        return known[operation]

    def scheduler(operation: str, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        if operation == "UpdateSchedule":
            raise Error(404, "ResourceNotFoundException")
        name = f"{parameters.get('GroupName', 'default')}/{parameters['Name']}"
        return {"ScheduleArn": f"arn:aws:scheduler:{caller.region}:{account}:schedule/{name}"}

    def codebuild(operation: str, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        build = f"{parameters.get('projectName', 'project')}:11111111-2222-4333-8444-555555555555"
        status = {"id": build, "arn": f"arn:aws:codebuild:{caller.region}:{account}:build/{build}",
                  "buildStatus": "SUCCEEDED"}
        return {"build": status} if operation == "StartBuild" else {"builds": [status]}

    def logs(operation: str, parameters: dict[str, Any], _: Caller) -> dict[str, Any]:
        if operation == "DescribeLogStreams":
            return {"logStreams": [{"logStreamName": f"{parameters['logStreamNamePrefix']}algo-1"}]}
        return {"events": [], "nextForwardToken": "end"}

    def ecr(operation: str, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
        host = f"{account}.dkr.ecr.{caller.region}.amazonaws.com"
        if operation == "GetAuthorizationToken":
            # The text "AWS:pass", as AWS encodes it.
            token = {"authorizationToken": "QVdTOnBhc3M=", "proxyEndpoint": f"https://{host}"}
            return {"authorizationData": [token]}
        return {"repositories": [{"repositoryName": "zenml", "repositoryUri": f"{host}/zenml"}]}

    return {"sts": sts, "sagemaker": sagemaker, "scheduler": scheduler, "codebuild": codebuild, "logs": logs,
            "ecr": ecr}


def _times() -> dict[str, datetime]:
    now = datetime.now(timezone.utc)
    return {"CreationTime": now, "LastModifiedTime": now}
