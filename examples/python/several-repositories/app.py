"""One registry with a repository per kind of pipeline. ZenML pushes to the default one unless a pipeline says otherwise:
`DockerSettings(target_repository="ml/training")`. What runs the pipelines may pull, what builds images may push.

    npx cdk deploy
"""
from aws_cdk import App, Stack
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_secretsmanager import Secret
from cdk_zenml import EcrContainerRegistry, ZenMLServer
from cdk_zenml.ecr_repository import LifecyclePresets, RepositoryDefaults

app = App()
stack = Stack(app, "ZenMLRepositories")

server = ZenMLServer.self_hosted(
    url="https://zenml.example.com",
    api_key=Secret.from_secret_name_v2(stack, "ApiKey", "zenml/api-key"),
)

registry = EcrContainerRegistry(
    stack,
    "Registry",
    server=server,
    repository_names=["ml/default", "ml/training"],
    # ZenML's rights follow the prefix: a repository that somebody adds under it later needs no deploy of this stack.
    repository_prefix="ml/",
    repository_defaults=RepositoryDefaults(
        # For pipelines that set `prevent_build_reuse`: of others a build in use could be deleted.
        lifecycle_rules=[
            *LifecyclePresets.keep_releases("v*"),
            *LifecyclePresets.keep_newest(20, "training", "serving"),
        ],
    ),
    # Parent images of the builds.
    pull_from=[Repository.from_repository_name(stack, "ParentImages", "platform/python")],
)

registry.grant_pull(Role.from_role_name(stack, "PipelineRole", "sagemaker-execution"))
registry.grant_pull_push(Role(stack, "ImageBuilderRole", assumed_by=ServicePrincipal("codebuild.amazonaws.com")))

# Also this one, although it comes after the grants.
registry.add_repository("Serving", repository_name="ml/serving", image_scan_on_push=False)

app.synth()
