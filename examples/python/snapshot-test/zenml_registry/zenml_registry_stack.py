from aws_cdk import Stack
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, ZenMLServer, ZenMLStack
from constructs import Construct


class ZenmlRegistryStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        server = ZenMLServer.self_hosted(
            url="https://zenml.example.com",
            api_key=Secret.from_secret_name_v2(self, "ApiKey", "zenml/api-key"),
        )

        EcrContainerRegistry(
            self,
            "Registry",
            server=server,
            repository_names=["zenml"],
            zenml_stack=ZenMLStack.from_zenml_stack_name(self, "Production", server, "production"),
        )
