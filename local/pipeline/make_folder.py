"""Makes a folder in the active artifact store, as ZenML does before a step writes an artifact.

Once through the service connector, and once with keys in the configuration of the artifact store, which are the
arguments: access key id, secret access key and session token. Prints both errors as JSON; null is none.
"""
import json
import sys
from datetime import datetime
from uuid import uuid4

from zenml.client import Client
from zenml.integrations.s3.artifact_stores import S3ArtifactStore
from zenml.integrations.s3.flavors import S3ArtifactStoreConfig

registered = Client().active_stack_model.components["artifact_store"][0]
path = registered.configuration["path"]
key, secret, token = sys.argv[1:]


def with_connector():
    return Client().active_stack.artifact_store


def with_keys():
    return S3ArtifactStore(
        name=registered.name,
        id=uuid4(),
        config=S3ArtifactStoreConfig(path=path, key=key, secret=secret, token=token),
        flavor="s3",
        type=registered.type,
        user=None,
        created=datetime.now(),
        updated=datetime.now(),
    )


def attempt(store):
    try:
        store().makedirs(f"{path}/folder")
    except Exception as error:
        return str(error)


print(json.dumps({"connector": attempt(with_connector), "keys": attempt(with_keys)}))
