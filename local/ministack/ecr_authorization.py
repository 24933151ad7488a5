"""ecr:DescribeRepositories is judged on the named repositories, as IAM does; ministack judges it on "*" only.

One ARN is all that ministack's hook can return, so a call that names several is judged by the first.
"""
import json

from ministack.core import iam_actions


def install():
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        if service == "ecr" and any(str(value).endswith(".DescribeRepositories") for value in headers.values()):
            names = json.loads(body or b"{}").get("repositoryNames") or ["*"]
            return f"arn:aws:ecr:{region}:{account_id}:repository/{names[0]}"
        return original(service, method, path, headers, body, query_params, region, account_id)

    iam_actions.extract_resource_arn = extract_resource_arn
