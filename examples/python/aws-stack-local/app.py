"""A ZenML stack for a team that runs pipelines on its own machines and shares artifacts and images in AWS: S3 artifact store, ECR container
registry, and the local orchestrator of the server. Store the API key of a ZenML service account in the Secrets Manager secret
`zenml/api-key`, then run

    npx cdk deploy -c zenmlUrl=https://zenml.example.com

`-c description=...` sets the description of the ZenML stack. `-c keySerial=1` rotates the access key of the connectors.
`-c orchestrator=sagemaker` runs the pipelines in Amazon SageMaker instead.
"""
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import AwsZenMLStack, ContainerRegistry, Orchestrator, ZenMLServer
from cdk_zenml.ecr_repository import RepositoryDefaults

app = App()
stack = Stack(app, "ZenMLOnAws")

server = ZenMLServer.self_hosted(
    url=app.node.try_get_context("zenmlUrl") or "https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

AwsZenMLStack(
    stack,
    "ML",
    server=server,
    description=app.node.try_get_context("description"),
    orchestrator=Orchestrator.sage_maker()
    if app.node.try_get_context("orchestrator") == "sagemaker"
    else Orchestrator.server_default(),
    access_key_serial=int(app.node.try_get_context("keySerial") or 0),
    # `cdk destroy` also deletes the bucket, if it is empty, and the repository with its images, which suits an example. By default, both are
    # kept.
    data_removal_policy=RemovalPolicy.DESTROY,
    container_registry=ContainerRegistry.ecr(
        repository_names=["zenml"],
        repository_defaults=RepositoryDefaults(removal_policy=RemovalPolicy.DESTROY, empty_on_delete=True),
    ),
)

app.synth()
