"""A registry for a ZenML Pro workspace, without any AWS key: the access role trusts the AWS identity of the workspace.

    npx cdk deploy

Set the URL and the id of your workspace (dashboard > workspace > settings). Store the API key of a service account in the Secrets
Manager secret `zenml/pro-api-key`.
"""
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, ZenMLServer, ZenMLStack

app = App()
stack = Stack(
    app,
    "ZenMLProRegistry",
    # The host of the registry contains the Region, so the Region must be known. The account is the one that you deploy to.
    env=Environment(region="eu-central-1"),
    # Other people use this registry, so nobody can delete the CloudFormation stack by accident.
    termination_protection=True,
)

server = ZenMLServer.pro(
    workspace_url="https://1bfe8d94-zenml.cloudinfra.zenml.io",
    workspace_id="1bfe8d94-3c4b-4d0f-8a87-0f5a1e9b7c21",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/pro-api-key"),
)

EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    stack_component_name="ecr",
    repository_names=["zenml"],
    labels={"team": "ml-platform"},
    zenml_stack=ZenMLStack.from_zenml_stack_name(stack, "ProductionStack", server, "production"),
)

app.synth()
