"""ECR's registry-level types, as bare records: a template that uses them deploys, updates and deletes, but nothing acts on them.

A green deploy here shows that references and order resolve, nothing about ECR itself.
"""
from ministack.services.cloudformation import provisioners

# type -> (property that is the physical id and forces a replacement, or None where the account has only one)
TYPES = {
    "AWS::ECR::PullThroughCacheRule": "EcrRepositoryPrefix",
    "AWS::ECR::RepositoryCreationTemplate": "Prefix",
    "AWS::ECR::PullTimeUpdateExclusion": "PrincipalArn",
    "AWS::ECR::RegistryScanningConfiguration": None,
    "AWS::ECR::ReplicationConfiguration": None,
    "AWS::ECR::RegistryPolicy": None,
    "AWS::ECR::SigningConfiguration": None,
}
_records = {}


def _handlers(rtype, key):
    def create(logical_id, props, stack_name):
        physical_id = props[key] if key else provisioners.get_account_id()
        if (rtype, physical_id) in _records:
            raise ValueError(f"{rtype} {physical_id} already exists")
        _records[(rtype, physical_id)] = props
        return physical_id, {"RegistryId": provisioners.get_account_id()}

    def update(physical_id, old_props, new_props, stack_name):
        _records[(rtype, physical_id)] = new_props
        return physical_id, {"RegistryId": provisioners.get_account_id()}

    def delete(physical_id, props):
        _records.pop((rtype, physical_id), None)

    return {"create": create, "update": update, "delete": delete}


def install():
    for rtype, key in TYPES.items():
        provisioners._RESOURCE_HANDLERS[rtype] = _handlers(rtype, key)
        provisioners._REPLACING_PROPERTIES[rtype] = (key,) if key else ()
