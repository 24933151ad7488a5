"""One ECR registry, registered with a ZenML server of your own, in a ZenML stack made here. Deploy it with

    npx cdk deploy -c zenmlUrl=https://zenml.example.com

after putting the API key of a ZenML service account into the Secrets Manager secret `zenml/api-key`. More context:
`-c description=...` is shown in ZenML, `-c keySerial=1` rotates the connector's access key.
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
    # An example leaves nothing behind; by default repositories are kept.
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
