"""Calls AWS as a job of SageMaker: with the credentials of the execution role, which the container gives.

Arguments: the bucket and a key of the artifact store, the bucket of the runtime, a secret, and the role of the job.
Prints as JSON who calls, and "allowed" or AWS's code for each call.
"""
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError

artifacts, key, output, secret, role = sys.argv[1:]
# Containers of jobs have AWS_REGION, which boto3 does not read.
session = boto3.Session(region_name=os.environ["AWS_REGION"])
s3, sagemaker = session.client("s3"), session.client("sagemaker")


def attempt(call, **parameters):
    try:
        call(**parameters)
        return "allowed"
    except ClientError as error:
        return error.response["Error"]["Code"]


print(json.dumps({
    "caller": session.client("sts").get_caller_identity()["Arn"],
    "reads an artifact": attempt(s3.get_object, Bucket=artifacts, Key=key),
    "lists the artifacts": attempt(s3.list_objects_v2, Bucket=artifacts),
    "writes its output": attempt(s3.put_object, Bucket=output, Key="x", Body=b"x"),
    "reads its output": attempt(s3.get_object, Bucket=output, Key="x"),
    "reads a secret": attempt(session.client("secretsmanager").get_secret_value, SecretId=secret),
    "starts a pipeline": attempt(sagemaker.start_pipeline_execution, PipelineName="x"),
    "starts a job of its own": attempt(
        sagemaker.create_training_job,
        TrainingJobName="x",
        RoleArn=role,
        AlgorithmSpecification={"TrainingImage": "x", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": f"s3://{output}/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    ),
}))
