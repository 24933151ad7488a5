"""What training jobs and processing jobs do not have in common: names of fields, and files in the container."""
import json
from dataclasses import dataclass
from typing import Any, Callable

CLUSTER = {"InstanceType": None, "InstanceCount": None, "VolumeSizeInGB": None}


@dataclass(frozen=True)
class Kind:
    """One kind of jobs."""

    noun: str                            # Training: CreateTrainingJob, TrainingJobName
    resource: str                        # training-job, in ARNs
    supported: dict[str, Any]            # fields of the request that have an effect here, or that ZenML always sends
    image: Callable[[dict], str]
    command: Callable[[dict], list[str]]
    cluster: Callable[[dict], dict]
    network: Callable[[dict], dict]      # subnets and security groups
    output_key: Callable[[dict], str]    # the key that encrypts the output
    surroundings: Callable[[str, str], tuple[dict[str, str], dict[str, str]]]  # variables and files of SageMaker's own
    required: str                        # what the API needs though its model does not say so

    @property
    def name_field(self):
        return f"{self.noun}JobName"

    @property
    def status_field(self):
        return f"{self.noun}JobStatus"

    @property
    def arn_field(self):
        return f"{self.noun}JobArn"

    @property
    def creation(self):
        return f"Create{self.noun}Job"

    @property
    def log_group(self):
        return f"/aws/sagemaker/{self.noun}Jobs"

    def conditions(self, request):
        """The condition keys of the creation, as AWS's Service Authorization Reference lists them."""
        cluster, network = self.cluster(request), self.network(request)
        values = {
            "sagemaker:InstanceTypes": [cluster["InstanceType"]] if "InstanceType" in cluster else None,
            "sagemaker:KeepAlivePeriod": cluster.get("KeepAlivePeriodInSeconds"),
            "sagemaker:MaxRuntimeInSeconds": request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
            "sagemaker:OutputKmsKey": self.output_key(request) or None,
            "sagemaker:VolumeKmsKey": cluster.get("VolumeKmsKeyId"),
            "sagemaker:VpcSecurityGroupIds": network.get("SecurityGroupIds"),
            "sagemaker:VpcSubnets": network.get("Subnets"),
        }
        return {key: value for key, value in values.items() if value is not None}


def _training_surroundings(name, arn):
    return {"TRAINING_JOB_NAME": name, "TRAINING_JOB_ARN": arn}, {}


def _processing_surroundings(name, arn):
    config = json.dumps({"ProcessingJobArn": arn, "ProcessingJobName": name})
    return {}, {"opt/ml/config/processingjobconfig.json": config}


def _command(container):
    return [*container.get("ContainerEntrypoint", []), *container.get("ContainerArguments", [])]


TRAINING = Kind(
    noun="Training",
    resource="training-job",
    supported={
        "TrainingJobName": None, "RoleArn": None, "Environment": None, "Tags": None,
        "OutputDataConfig": {"S3OutputPath": None},
        "StoppingCondition": {"MaxRuntimeInSeconds": None},
        "AlgorithmSpecification": {
            "TrainingImage": None, "TrainingInputMode": None, "ContainerEntrypoint": None, "ContainerArguments": None,
        },
        "ResourceConfig": {**CLUSTER, "KeepAlivePeriodInSeconds": None},
        # The SDK always sends these two. Here nothing is profiled and no hook runs.
        "DebugHookConfig": None, "ProfilerConfig": None,
    },
    image=lambda request: request.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
    command=lambda request: _command(request.get("AlgorithmSpecification", {})),
    cluster=lambda request: request.get("ResourceConfig", {}),
    network=lambda request: request.get("VpcConfig", {}),
    output_key=lambda request: request["OutputDataConfig"].get("KmsKeyId", ""),
    surroundings=_training_surroundings,
    required="ResourceConfig.InstanceType",
)

PROCESSING = Kind(
    noun="Processing",
    resource="processing-job",
    supported={
        "ProcessingJobName": None, "RoleArn": None, "Environment": None, "Tags": None,
        "StoppingCondition": {"MaxRuntimeInSeconds": None},
        "AppSpecification": {"ImageUri": None, "ContainerEntrypoint": None, "ContainerArguments": None},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
    },
    image=lambda request: request["AppSpecification"]["ImageUri"],
    command=lambda request: _command(request["AppSpecification"]),
    cluster=lambda request: request["ProcessingResources"].get("ClusterConfig", {}),
    network=lambda request: request.get("NetworkConfig", {}).get("VpcConfig", {}),
    output_key=lambda request: request.get("ProcessingOutputConfig", {}).get("KmsKeyId", ""),
    surroundings=_processing_surroundings,
    required="ProcessingResources.ClusterConfig",
)

KINDS = {kind.noun: kind for kind in (TRAINING, PROCESSING)}
