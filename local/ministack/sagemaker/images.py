"""Images of jobs: pulled from ministack's ECR with the rights of the execution role.

An image contains no programs here. Its configuration names the environment of its processes, and `PATH` leads to the
programs of a virtual environment of this machine.
"""
import json
import re

from ministack.core.responses import request_scope
from ministack.services import ecr

from .access import demand
from .errors import Refusal

IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)(?::([^@]+)|@(sha256:[0-9a-f]{64}))")
PULL = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")


def pull(access_key, role_arn, image):
    """The environment that the image gives to its processes. Refused without the rights to pull it."""
    parts = IMAGE.fullmatch(image)
    if not parts:
        raise Refusal("ClientError", f"{image} is no image of Amazon ECR with a tag or a digest")
    account, region, repository, tag, digest = parts.groups()
    with request_scope(account, region):
        try:
            demand(access_key, "ecr:GetAuthorizationToken", "*")
            for action in PULL:
                demand(access_key, f"ecr:{action}", f"arn:aws:ecr:{region}:{account}:repository/{repository}")
            return _environment(repository, tag or digest)
        except Refusal as refusal:
            raise Refusal("ClientError", f"Cannot find repository: {repository} in registry ID: {account} Please check "
                          f"if your ECR repository exists and role {role_arn} has proper pull permissions for "
                          f"SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
                          f"ecr:GetDownloadUrlForLayer ({refusal.message})") from refusal


def _environment(repository, reference):
    manifest = json.loads(_content(*ecr._v2_get_manifest(repository, reference)))
    config = json.loads(_content(*ecr._v2_get_blob(repository, manifest["config"]["digest"])))
    return dict(entry.split("=", 1) for entry in config["config"].get("Env", []))


def _content(status, _, body):
    if status != 200:
        raise Refusal("ClientError", body.decode())
    return body
