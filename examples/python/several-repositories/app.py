"""One registry with a repository per kind of pipeline. ZenML pushes to the default repository unless a pipeline names another one:
`DockerSettings(target_repository="ml/training")`. The role that runs the pipelines can pull, the role that builds images can push.

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
    # ZenML gets its permissions for all repositories under the prefix, so a repository that somebody creates there later needs no deploy.
    repository_prefix="ml/",
    repository_defaults=RepositoryDefaults(
        # Only for pipelines that set `prevent_build_reuse`. Without it, a rule could delete an image that a pipeline still uses.
        lifecycle_rules=[
            *LifecyclePresets.keep_releases("v*"),
            *LifecyclePresets.keep_newest(20, "training", "serving"),
        ],
    ),
    # The connector can also pull the parent images of the builds.
    pull_from=[Repository.from_repository_name(stack, "ParentImages", "platform/python")],
)

registry.grant_pull(Role.from_role_name(stack, "PipelineRole", "sagemaker-execution"))
registry.grant_pull_push(Role(stack, "ImageBuilderRole", assumed_by=ServicePrincipal("codebuild.amazonaws.com")))

# The grants above include this repository, although it is added later.
registry.add_repository("Serving", repository_name="ml/serving", image_scan_on_push=False)

app.synth()
