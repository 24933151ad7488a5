"""Secrets Manager: `Ref` of a secret is its ARN (ministack gives the name, which no IAM policy matches), and resource policies."""
import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

SECRET = "AWS::SecretsManager::Secret"
POLICY = "AWS::SecretsManager::ResourcePolicy"


def _name(physical_id):
    """The name in a secret's ARN, which ends in a dash and six characters."""
    return physical_id.split(":secret:", 1)[1][:-7] if physical_id.startswith("arn:") else physical_id


def _with_arn(result):
    _, attributes = result
    return attributes["Arn"], attributes


def _put_policy(secret_id, document):
    text = document if isinstance(document, str) else json.dumps(document)
    status, _, body = secretsmanager._put_resource_policy({"SecretId": secret_id, "ResourcePolicy": text})
    if status >= 400:
        raise ValueError(f"{POLICY}: {body!r}")
    return secret_id, {"Id": secret_id}


def _delete_policy(physical_id, props):
    secretsmanager._delete_resource_policy({"SecretId": props["SecretId"]})


def install():
    handlers = provisioners._RESOURCE_HANDLERS
    original = dict(handlers[SECRET])

    def update(physical_id, old, new, stack_name, logical_id=None):
        return _with_arn(original["update"](_name(physical_id), old, new, stack_name, logical_id))

    handlers[SECRET] = {
        **original,
        "create": lambda logical_id, props, stack_name: _with_arn(original["create"](logical_id, props, stack_name)),
        "update": update,
        "delete": lambda physical_id, props: original["delete"](_name(physical_id), props),
    }
    handlers[POLICY] = {
        "create": lambda logical_id, props, stack_name: _put_policy(props["SecretId"], props["ResourcePolicy"]),
        "update": lambda physical_id, old, new, stack_name: _put_policy(new["SecretId"], new["ResourcePolicy"]),
        "delete": _delete_policy,
    }
    provisioners._REPLACING_PROPERTIES[POLICY] = ("SecretId",)
