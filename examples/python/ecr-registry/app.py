"""One ECR registry in a self-hosted ZenML server, and a new ZenML stack that contains the registry. Store the API key of a ZenML service
account in the Secrets Manager secret `zenml/api-key`, then run

    npx cdk deploy -c zenmlUrl=https://zenml.example.com

`-c description=...` sets the description of the ZenML stack. `-c keySerial=1` rotates the access key of the connector.
"""
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import (
    ComponentType,
    ConnectorAuthentication,
    EcrContainerRegistry,
    RegistryAuthentication,
    StackComponent,
    ZenMLServer,
    ZenMLStack,
)
from cdk_zenml.ecr_repository import RepositoryDefaults

app = App()
stack = Stack(app, "ZenMLRegistry")

server = ZenMLServer.self_hosted(
    url=app.node.try_get_context("zenmlUrl") or "https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

registry = EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    repository_names=["zenml"],
    # `cdk destroy` also deletes the repository and its images, which suits an example. By default, repositories are kept.
    repository_defaults=RepositoryDefaults(removal_policy=RemovalPolicy.DESTROY, empty_on_delete=True),
    authentication=RegistryAuthentication.connector(
        ConnectorAuthentication.iam_role(access_key_serial=int(app.node.try_get_context("keySerial") or 0))
    ),
)

ZenMLStack(
    stack,
    "Production",
    server=server,
    description=app.node.try_get_context("description"),
    components=[
        registry,
        StackComponent.from_stack_component_name(stack, "Orchestrator", server, ComponentType.ORCHESTRATOR, "default"),
        StackComponent.from_stack_component_name(stack, "ArtifactStore", server, ComponentType.ARTIFACT_STORE, "default"),
    ],
)

app.synth()
