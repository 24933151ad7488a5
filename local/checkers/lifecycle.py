"""Says what moto's own validator thinks of the lifecycle policies in a template. It knows rules that expire, not those that archive."""

import json
import sys

from moto.ecr.exceptions import InvalidParameterException
from moto.ecr.policy_validation import EcrLifecyclePolicyValidator


def complaint(text):
    try:
        EcrLifecyclePolicyValidator(text).validate()
    except InvalidParameterException as error:
        return error.message
    return None


with open(sys.argv[1]) as template:
    resources = json.load(template)["Resources"]
texts = [resource["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"] for resource in resources.values() if resource["Type"] == "AWS::ECR::Repository"]
assert len(texts) == 3, texts
# It must be able to refuse: without a selection there is no rule.
assert complaint(json.dumps({"rules": [{"rulePriority": 1, "action": {"type": "expire"}}]}))
complaints = [found for found in map(complaint, texts) if found]
print("\n".join(complaints))
sys.exit(1 if complaints else 0)
