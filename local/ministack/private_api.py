"""Say clearly, before anything is served, when ministack is not the version that the patches were written for."""
import importlib
import inspect
import sys
from importlib.metadata import version

PINNED = "1.5.33"

# module -> name -> parameters that the patches rely on (None: a plain value)
EXPECTED = {
    "ministack.services.cloudformation.provisioners": {
        "_RESOURCE_HANDLERS": None,
        "_REPLACING_PROPERTIES": None,
        "get_account_id": [],
        "new_uuid": [],
        "_custom_resource_create": ["logical_id", "props", "stack_name", "resource_type"],
    },
    "ministack.services.cloudformation.custom_resource": {
        "register_token": ["token"],
        "deliver_response": ["token", "response"],
        "_response_url": ["token"],
        "invoke_custom_resource": [
            "request_type", "logical_id", "props", "stack_name", "stack_id", "resource_type", "physical_id", "old_props",
        ],
    },
    "ministack.services.iam": {
        "_access_keys": None,
        "_roles": None,
        "_gen_secret": [],
        "_gen_session_access_key": [],
        "_gen_session_token": [],
        "_create_access_key": ["p"],
        "_update_access_key": ["p"],
        "_delete_access_key": ["p"],
    },
    "ministack.services.secretsmanager": {
        "_put_resource_policy": ["data"],
        "_delete_resource_policy": ["data"],
    },
    "ministack.services.ecr": {
        "handle_request": ["method", "path", "headers", "body", "query_params"],
        "handle_registry_request": ["method", "path", "headers", "body", "query_params"],
        "_parse_v2_path": ["path"],
        "_select_registry_request_scope": ["name", "headers", "query_params"],
        "_registry_error": ["status", "code", "message", "detail"],
        "_v2_get_manifest": ["name", "ref"],
        "_v2_get_blob": ["name", "digest"],
    },
    "ministack.services.sts": {
        "register_session": ["access_key", "session"],
    },
    "ministack.services.s3": {
        "_get_object_data": ["bucket_name", "key", "version_id"],
    },
    "ministack.services.cloudwatch_logs": {
        "_log_groups": None,
        "_create_log_group": ["data"],
        "_create_log_stream": ["data"],
        "_put_log_events": ["data"],
    },
    "ministack.core.iam_evaluator": {
        "AuthError": None,
        "EvalContext": [
            "principal_arn", "principal_type", "principal_account", "action", "resource_arn", "region",
        ],
        "_service_principal_matches": ["principal", "service"],
        "evaluate_trust_policy": ["trust_doc", "caller_arn", "ctx"],
        "enforce": ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
    },
    "ministack.app": {
        "SERVICE_HANDLERS": None,
    },
    "ministack.core.responses": {
        "error_response_json": ["code", "message", "status", "extra", "message_key", "content_type"],
        "json_response": ["data", "status"],
        "request_scope": ["account_id", "region"],
    },
    "ministack.core.router": {
        "SERVICE_PATTERNS": None,
        "extract_access_key_id": ["headers", "query_params"],
    },
    "ministack.core.iam_actions": {
        "identity_denial_message": ["action", "principal_arn", "resource", "explicit_deny"],
        "extract_resource_arn": ["service", "method", "path", "headers", "body", "query_params", "region", "account_id"],
    },
}
EXPECTED_TYPES = ["AWS::SecretsManager::Secret", "AWS::SSM::Parameter", "AWS::ECR::Repository", "AWS::IAM::User"]


def problems():
    found = []
    installed = version("ministack")
    if installed != PINNED:
        found.append(f"ministack is {installed}, the launcher was written for {PINNED}")
    for module_name, names in EXPECTED.items():
        module = importlib.import_module(module_name)
        for name, parameters in names.items():
            if not hasattr(module, name):
                found.append(f"{module_name}.{name} is gone")
            elif parameters is not None:
                actual = [p for p in inspect.signature(getattr(module, name)).parameters][:len(parameters) or None]
                if actual != parameters:
                    found.append(f"{module_name}.{name} takes {actual}, expected {parameters}")
    handlers = importlib.import_module("ministack.services.cloudformation.provisioners")._RESOURCE_HANDLERS
    found += [f"no handler for {rtype}" for rtype in EXPECTED_TYPES if rtype not in handlers]
    return found


def check():
    found = problems()
    if found:
        sys.exit("local AWS: ministack's inside is not what local/ministack expects (" + "; ".join(found)
                 + "). Pin ministack==" + PINNED + " in local/requirements/ministack.txt, or adapt local/ministack.")
