"""The quickest start: a repository and the container registry in ZenML, no service connector, no role, no key. Everybody who builds or
pulls images logs Docker in with AWS credentials of their own; the output `DockerLoginCommand` is the command.

    npx cdk deploy
"""
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, RegistryAuthentication, ZenMLServer
from cdk_zenml.ecr_repository import RepositoryDefaults

app = App()
stack = Stack(app, "ZenMLLocalDocker")

server = ZenMLServer.self_hosted(
    # A server on this very machine would not be within reach: the registration runs in AWS.
    url="https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    authentication=RegistryAuthentication.local_docker(),
    # For trying out: the images go with the stack. By default repositories are kept.
    repository_defaults=RepositoryDefaults(removal_policy=RemovalPolicy.DESTROY, empty_on_delete=True),
)

app.synth()
