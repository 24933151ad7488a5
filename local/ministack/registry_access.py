"""The Docker registry API (/v2/) is judged by the rights of whoever got the password; ministack asks nobody for one.

GetAuthorizationToken gives each caller a password of its own. A push or pull with it needs the IAM actions that ECR asks for, on the
repository, by identity policies and by the repository's policy. A refusal has the form and the words of ECR's.
"""
import base64
import binascii
import json
import secrets

from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecr

ACTIONS = {
    ("blob_uploads", "POST"): ("InitiateLayerUpload",),
    ("blob_upload_session", "PATCH"): ("UploadLayerPart",),
    ("blob_upload_session", "PUT"): ("UploadLayerPart", "CompleteLayerUpload"),
    ("blob", "HEAD"): ("BatchCheckLayerAvailability",),
    ("blob", "GET"): ("GetDownloadUrlForLayer",),
    ("manifest", "PUT"): ("PutImage",),
    ("manifest", "GET"): ("BatchGetImage",),
    ("manifest", "HEAD"): ("BatchGetImage",),
    ("manifest", "DELETE"): ("BatchDeleteImage",),
    ("tags_list", "GET"): ("ListImages",),
}
WITHOUT_ACTION = ("ping", "catalog")

_access_keys = {}  # password -> access key id of whoever got it


def _caller(headers):
    """The access key behind the password of the request, or None."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return _access_keys.get(password) if user == "AWS" else None


def _denial(access_key, action, name):
    """Why the caller may not do this on the repository, in ECR's words, or None."""
    region = get_region()
    arn = f"arn:aws:ecr:{region}:{get_account_id()}:repository/{name}"
    result = iam_evaluator.enforce(access_key, action, "ecr", region, resource_arn=arn)
    if result is None:
        return None
    if isinstance(result, iam_evaluator.AuthError):
        return result.message
    explicit = result.decision == "Deny"
    if explicit and result.resource_policy_arn:
        return f"User: {result.principal_arn} is not authorized to perform: {action} on resource: {arn} with an explicit deny in a resource-based policy"
    return iam_actions.identity_denial_message(action, result.principal_arn, arn, explicit)


def install():
    api, registry = ecr.handle_request, ecr.handle_registry_request

    async def handle_request(method, path, headers, body, query_params):
        status, answer_headers, answer = await api(method, path, headers, body, query_params)
        if status == 200 and headers.get("x-amz-target", "").endswith(".GetAuthorizationToken"):
            password = secrets.token_urlsafe(48)
            _access_keys[password] = router.extract_access_key_id(headers, query_params)
            content = json.loads(answer)
            content["authorizationData"][0]["authorizationToken"] = base64.b64encode(f"AWS:{password}".encode()).decode()
            answer = json.dumps(content).encode()
        return status, answer_headers, answer

    async def handle_registry_request(method, path, headers, body, query_params):
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        access_key = _caller(lower)
        if access_key is None:
            status, answer_headers, answer = ecr._registry_error(401, "UNAUTHORIZED", "authentication required")
            return status, {**answer_headers, "WWW-Authenticate": 'Basic realm="https://ecr/",service="ecr.amazonaws.com"'}, answer
        verb, name, _ = ecr._parse_v2_path(path) or ("", "", "")
        if verb and verb not in WITHOUT_ACTION:
            ecr._select_registry_request_scope(name, lower, query_params)
            actions = ACTIONS.get((verb, method.upper()), ("PutImage",))
            for denial in (_denial(access_key, f"ecr:{action}", name) for action in actions):
                if denial:
                    return ecr._registry_error(403, "DENIED", denial)
        return await registry(method, path, headers, body, query_params)

    ecr.handle_request, ecr.handle_registry_request = handle_request, handle_registry_request
