"""A snapshot test. The first run, and each run after a change that somebody has reviewed, is

    pytest --snapshot-update

It writes `__snapshots__`. Commit that folder: `pytest` then fails when the template differs from it.
"""
from aws_cdk import App
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension
from syrupy.matchers import path_type

from zenml_registry.zenml_registry_stack import ZenmlRegistryStack

# The key contains the hash of the function's code, which each version of cdk-zenml may change.
CODE_OF_FUNCTIONS = path_type({r"Resources\..+\.Properties\.Code\.S3Key": (str,)}, regex=True)


def test_the_template_is_as_it_was_reviewed(snapshot: SnapshotAssertion) -> None:
    stack = ZenmlRegistryStack(App(), "ZenmlRegistry")
    template = Template.from_stack(stack).to_json()
    assert template == snapshot(extension_class=JSONSnapshotExtension, matcher=CODE_OF_FUNCTIONS)
