"""CloudFormation's rules for custom resources that ministack leaves out.

- an answer has at most 4096 bytes, a physical id is there and has at most 1024 characters;
- a failed Create is followed by a Delete, with the id that the answer named, else with one that CloudFormation makes up;
- the answer's address is presigned, so it carries the time of the request (X-Amz-Date).
"""
import json
import threading
import time

from ministack.services.cloudformation import custom_resource as service
from ministack.services.cloudformation import provisioners

ANSWER_BYTES = 4096
ID_LENGTH = 1024

_thread = threading.local()  # the token of the invocation that runs in this thread
_answered_ids = {}           # token -> physical id of the answer


def _checked(response):
    physical_id = response.get("PhysicalResourceId")
    size = len(json.dumps(response, separators=(",", ":"), ensure_ascii=False).encode())
    if size > ANSWER_BYTES:
        return {"Status": "FAILED", "Reason": "Response object is too long.", "PhysicalResourceId": physical_id}
    if not isinstance(physical_id, str) or not physical_id or len(physical_id) > ID_LENGTH:
        return {"Status": "FAILED", "Reason": "Invalid PhysicalResourceId"}
    return response


def install():
    register, deliver, invoke, url = service.register_token, service.deliver_response, service.invoke_custom_resource, service._response_url

    def register_token(token):
        _thread.token = token
        return register(token)

    def deliver_response(token, response):
        answer = _checked(response)
        _answered_ids[token] = answer.get("PhysicalResourceId")
        return deliver(token, answer)

    def response_url(token):
        return url(token) + "?X-Amz-Date=" + time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + "&X-Amz-Expires=7200"

    def invoke_custom_resource(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id=None, old_props=None):
        try:
            return invoke(request_type, logical_id, props, stack_name, stack_id, resource_type,
                          physical_id=physical_id, old_props=old_props)
        except (RuntimeError, TimeoutError):
            if request_type == "Create":
                made_up = f"{stack_name}-{logical_id}-{provisioners.new_uuid()[:12].upper()}"
                created = _answered_ids.pop(_thread.token, None) or made_up
                try:
                    invoke("Delete", logical_id, props, stack_name, stack_id, resource_type, physical_id=created)
                except (RuntimeError, TimeoutError, ValueError):
                    pass  # the rollback goes on, as on AWS; the reason shown stays the Create's
            raise
        finally:
            _answered_ids.pop(getattr(_thread, "token", None), None)

    service.register_token, service.deliver_response = register_token, deliver_response
    service._response_url, service.invoke_custom_resource = response_url, invoke_custom_resource
