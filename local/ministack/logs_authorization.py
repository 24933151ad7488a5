"""Calls that read and write logs are judged on the ARN of a log stream, as IAM does; ministack judges them on the group.

The messages of AWS's refusals show it: `log-group:NAME:log-stream:STREAM`, with nothing at the end for a whole group.
"""
import json

from ministack.core import iam_actions

ACTIONS = ("CreateLogStream", "DeleteLogStream", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "PutLogEvents")


def install():
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        arn = original(service, method, path, headers, body, query_params, region, account_id)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "logs" and action in ACTIONS and ":log-group:" in arn:
            return f"{arn}:log-stream:{json.loads(body).get('logStreamName', '')}"
        return arn

    iam_actions.extract_resource_arn = extract_resource_arn
