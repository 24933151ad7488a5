"""The repository, the service connector and the ZenML stack already exist. The app creates only the container registry, and
attaches it to the ZenML stack. `cdk destroy` detaches the registry and restores the previous one.

    npx cdk deploy

The deploy verifies the connector: the AWS identity of the connector must already be allowed to push to the repository.
"""
from aws_cdk import App, Stack
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, RegistryAuthentication, ServiceConnector, ZenMLServer, ZenMLStack

app = App()
stack = Stack(app, "ZenMLRegistryInExistingStack")

server = ZenMLServer.self_hosted(
    url="https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

registry = EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    repositories=[Repository.from_repository_name(stack, "Images", "ml-platform/images")],
    authentication=RegistryAuthentication.existing_connector(
        ServiceConnector.from_service_connector_name(stack, "Connector", server, "aws-ml-platform")
    ),
)

registry.attach_to_stack(
    "Production", ZenMLStack.from_zenml_stack_name(stack, "ProductionStack", server, "production")
)

app.synth()
