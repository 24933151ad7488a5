"""AWS::IAM::AccessKey on ministack's real IAM: the key works, is listed, can be switched off, and two per user is the limit."""
import re

from ministack.services import iam
from ministack.services.cloudformation import provisioners

TYPE = "AWS::IAM::AccessKey"
KEYS_PER_USER = 2  # IAM's quota; a rotation that forgets to delete the old key meets it


def _call(operation, **parameters):
    status, _, body = operation({name: [value] for name, value in parameters.items()})
    text = body if isinstance(body, str) else body.decode()
    if status >= 400:
        raise ValueError(f"{TYPE}: {text}")
    return text


def _field(name, xml):
    return re.search(f"<{name}>(.*?)</{name}>", xml).group(1)


def _create(logical_id, props, stack_name):
    user = props["UserName"]
    if sum(key["UserName"] == user for key in iam._access_keys.values()) >= KEYS_PER_USER:
        raise ValueError(f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER} (user {user})")
    xml = _call(iam._create_access_key, UserName=user)
    key_id = _field("AccessKeyId", xml)
    if props.get("Status", "Active") != "Active":
        _call(iam._update_access_key, AccessKeyId=key_id, UserName=user, Status=props["Status"])
    return key_id, {"SecretAccessKey": _field("SecretAccessKey", xml)}


def _update(physical_id, old_props, new_props, stack_name):
    _call(iam._update_access_key, AccessKeyId=physical_id, UserName=new_props["UserName"], Status=new_props.get("Status", "Active"))
    return physical_id, {"SecretAccessKey": iam._access_keys[physical_id]["SecretAccessKey"]}


def _delete(physical_id, props):
    if physical_id in iam._access_keys:
        _call(iam._delete_access_key, AccessKeyId=physical_id, UserName=props["UserName"])


def install():
    provisioners._RESOURCE_HANDLERS[TYPE] = {"create": _create, "update": _update, "delete": _delete}
    # A new serial (or user) is a replacement: ministack makes the new key first and deletes the old one in the cleanup, as AWS does.
    provisioners._REPLACING_PROPERTIES[TYPE] = ("UserName", "Serial")
