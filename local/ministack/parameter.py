"""SSM: a parameter without a name gets one like CloudFormation's, `CFN-<logical id>-<random>`.

ministack makes up `/<stack>/<logical id>`; with its leading slash the ARN is put together differently, so policies that are right on AWS
would deny here (and a replacement would meet its own name).
"""
from ministack.services.cloudformation import provisioners

TYPE = "AWS::SSM::Parameter"


def install():
    original = provisioners._RESOURCE_HANDLERS[TYPE]["create"]

    def create(logical_id, props, stack_name):
        name = props.get("Name") or f"CFN-{logical_id}-{provisioners.new_uuid().replace('-', '')[:12]}"
        return original(logical_id, {**props, "Name": name}, stack_name)

    provisioners._RESOURCE_HANDLERS[TYPE] = {**provisioners._RESOURCE_HANDLERS[TYPE], "create": create}
