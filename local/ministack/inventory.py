"""Print, as a JSON list of lines, what there is in the local AWS of the kinds that a deploy makes.

Taken before and after, the difference is what was left behind. In Python because botocore speaks to every service, where an AWS SDK client
for each would be one more development dependency.
"""
import json

import botocore.session

session = botocore.session.get_session()


def items(service, operation, key, **parameters):
    client = session.create_client(service)
    return client.get_paginator(operation).paginate(**parameters).build_full_result()[key]


def lines():
    iam = session.create_client("iam")
    users = items("iam", "list_users", "Users")
    for user in users:
        yield f"user {user['UserName']}"
        for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]:
            yield f"access key {key['AccessKeyId'][-4:]} of {key['UserName']}"
    for kind, service, operation, key, name in (
        ("role", "iam", "list_roles", "Roles", "RoleName"),
        ("repository", "ecr", "describe_repositories", "repositories", "repositoryName"),
        ("bucket", "s3", "list_buckets", "Buckets", "Name"),
        ("secret", "secretsmanager", "list_secrets", "SecretList", "Name"),
        ("parameter", "ssm", "describe_parameters", "Parameters", "Name"),
        ("function", "lambda", "list_functions", "Functions", "FunctionName"),
        ("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    ):
        for item in items(service, operation, key):
            yield f"{kind} {item[name]}"
    for policy in items("iam", "list_policies", "Policies", Scope="Local"):
        yield f"policy {policy['PolicyName']}"
    for stack in items("cloudformation", "list_stacks", "StackSummaries"):
        if stack["StackStatus"] != "DELETE_COMPLETE":
            yield f"stack {stack['StackName']}"


print(json.dumps(sorted(lines())))
