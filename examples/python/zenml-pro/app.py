"""A registry for a workspace of ZenML Pro. No keys anywhere: the access role trusts the workspace's own AWS identity.

    npx cdk deploy

Put your workspace's URL and id here (dashboard > workspace > settings), and the API key of a service account into the Secrets Manager
secret `zenml/pro-api-key`.
"""
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, ZenMLServer, ZenMLStack

app = App()
stack = Stack(
    app,
    "ZenMLProRegistry",
    # The Region is in the name of the registry's host; the account is the one that you deploy to.
    env=Environment(region="eu-central-1"),
    # A stack that others work with shall not go by a slip of the hand.
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
