"""The repository, the service connector and the ZenML stack exist, made by others; only the container registry is missing. It is made
here and put into their stack. Nothing of theirs is changed but that one entry, and `cdk destroy` puts back what was there before.

    npx cdk deploy

The connector is verified at the deploy: its AWS identity must be allowed to push to the repository already.
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
