"""The smallest set-up: a repository, and the container registry in ZenML, without a service connector, role or key. Everyone who builds or
pulls images logs Docker in with their own AWS credentials, with the command in the output `DockerLoginCommand`.

    npx cdk deploy
"""
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, RegistryAuthentication, ZenMLServer
from cdk_zenml.ecr_repository import RepositoryDefaults

app = App()
stack = Stack(app, "ZenMLLocalDocker")

server = ZenMLServer.self_hosted(
    # The server must be reachable from AWS, where the registration function runs.
    url="https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    authentication=RegistryAuthentication.local_docker(),
    # `cdk destroy` also deletes the repository and its images, which suits a trial. By default, repositories are kept.
    repository_defaults=RepositoryDefaults(removal_policy=RemovalPolicy.DESTROY, empty_on_delete=True),
)

app.synth()
