"""What callers and roles may do. Each decision is ministack's own evaluation of their IAM policies."""
import json
import time
from dataclasses import dataclass

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts

from .errors import Refusal, invalid

SERVICE = "sagemaker.amazonaws.com"
SESSION_SECONDS = 3600


@dataclass(frozen=True)
class Credentials:
    """Keys of a session of a role."""

    access_key: str
    secret_key: str
    token: str
    expires: float


def arn_of(kind, name):
    """SageMaker writes the names of its resources in lower case in their ARNs."""
    return f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind}/{name.lower()}"


def demand(access_key, action, resource, context=None):
    """Refuses, in the words of IAM, unless the policies of the caller allow the action on the resource."""
    service = action.split(":")[0]
    result = iam_evaluator.enforce(access_key, action, service, get_region(), resource_arn=resource,
                                   service_context=context)
    if result is None:
        return
    if isinstance(result, iam_evaluator.AuthError):
        raise Refusal(result.code, result.message)
    explicit = result.decision == "Deny"
    raise Refusal("AccessDeniedException",
                  iam_actions.identity_denial_message(action, result.principal_arn, resource, explicit))


def demand_creation(access_key, operation, resource, tags, context):
    """The right to create the resource, and with tags the right to tag it at its creation."""
    tag_context = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    if tags:
        tag_context["aws:TagKeys"] = [tag["Key"] for tag in tags]
    demand(access_key, f"sagemaker:{operation}", resource, {**context, **tag_context})
    if tags:
        demand(access_key, "sagemaker:AddTags", resource, {**tag_context, "sagemaker:TaggingAction": operation})


def demand_pass_role(access_key, role_arn, resource):
    """The caller may pass the role to SageMaker, and the role lets SageMaker assume it for the resource."""
    demand(access_key, "iam:PassRole", role_arn, {"iam:PassedToService": SERVICE})
    if not _trusts_sagemaker(role_arn, resource):
        raise invalid(f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                      f"'{SERVICE}' to assume the role.")


def open_session(role_arn):
    """A session of the role, as SageMaker opens one for a job."""
    credentials = Credentials(iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token(),
                              time.time() + SESSION_SECONDS)
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name) or {}
    sts.register_session(credentials.access_key, {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/SageMaker",
        "UserId": f"{role.get('RoleId', '')}:SageMaker",
        "SecretAccessKey": credentials.secret_key,
        "SessionToken": credentials.token,
        "Expiration": credentials.expires,
        "AccountId": account,
        "PrincipalType": "AssumedRole",
    })
    return credentials


def _trusts_sagemaker(role_arn, resource):
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if not role or role["Arn"] != role_arn:
        return False
    statements = json.loads(role["AssumeRolePolicyDocument"]).get("Statement", [])
    # ministack's matcher lets no service through, so the statements that name SageMaker are asked without a principal.
    named = [{**statement, "Principal": "*"} for statement in statements
             if iam_evaluator._service_principal_matches(statement.get("Principal"), SERVICE)]
    context = iam_evaluator.EvalContext(
        principal_arn=SERVICE, principal_type="Service", principal_account=account, action="sts:AssumeRole",
        resource_arn=role_arn, region=get_region(),
        service_context={"aws:sourceaccount": get_account_id(), "aws:sourcearn": resource},
    )
    return iam_evaluator.evaluate_trust_policy({"Statement": named}, SERVICE, context)
