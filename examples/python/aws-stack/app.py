"""A complete ZenML stack on AWS: S3 artifact store, ECR container registry, SageMaker orchestrator and step operator, and a CodeBuild image
builder. Store the API key of a ZenML service account in the Secrets Manager secret `zenml/api-key`, then run

    npx cdk deploy -c zenmlUrl=https://zenml.example.com
"""
from aws_cdk import App, Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import AwsZenMLStack, ZenMLServer

app = App()
stack = Stack(app, "ZenMLOnAws")

server = ZenMLServer.self_hosted(
    url=app.node.try_get_context("zenmlUrl") or "https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

AwsZenMLStack(stack, "ML", server=server)

app.synth()
