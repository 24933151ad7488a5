"""Records the calls that boto3 and aiobotocore would send to AWS, and answers them itself. Nothing leaves the process.

The hook sits behind botocore's own checks of parameters and endpoints, so a call that AWS would not understand fails
here as well. Each record names the role whose session made the call.
"""
import json
import socket
from types import SimpleNamespace
from typing import Any, Callable

from botocore.session import Session

# AWS's name of an operation, its parameters, and who calls: the answer, or an Error.
Answer = Callable[[str, dict[str, Any], "Caller"], dict[str, Any]]


class Error(Exception):
    """An answer that is an error of AWS."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Caller(SimpleNamespace):
    """The session of a call: the role and the session policy, or the IAM user itself (both None)."""

    role: str | None
    session_policy: str | None
    region: str


class Recorder:
    """Every AWS call of this process from `install` on."""

    def __init__(self, services: dict[str, Answer]) -> None:
        self.services = services
        self.calls: list[dict[str, Any]] = []
        self.scenario = "start"
        self.sessions: dict[str, tuple[str, str | None]] = {}

    def install(self) -> None:
        """Hooks every session of botocore that is made later, and refuses connections to other machines."""
        original = Session.__init__
        recorder = self

        def init(session: Session, *args: Any, **kwargs: Any) -> None:
            original(session, *args, **kwargs)
            session.register("before-parameter-build", recorder._remember)
            session.register("before-call", recorder._answer)

        Session.__init__ = init
        socket.socket.connect = _only_this_machine(socket.socket.connect)
        socket.getaddrinfo = _no_names

    def new_session(self, role: str, policy: str | None) -> str:
        """The access key id of a new session of a role."""
        key = f"ASIA{len(self.sessions):016d}"
        self.sessions[key] = (role, policy)
        return key

    @staticmethod
    def _remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["recorded"] = params

    def _answer(self, model: Any, request_signer: Any, context: dict[str, Any], **_: Any) -> tuple[Any, Any]:
        service = model.service_model.service_name
        parameters = context["recorded"]
        # Only a client without credentials has no signer's credentials; AWS would refuse its call.
        key = request_signer._credentials.access_key
        role, policy = self.sessions.get(key, (None, None))
        caller = Caller(role=role, session_policy=policy, region=context["client_region"])
        record = {
            "scenario": self.scenario,
            "role": role,
            "sessionPolicy": policy,
            "service": service,
            "operation": model.name,
            "parameters": json.loads(json.dumps(parameters, default=_shown)),
        }
        self.calls.append(record)
        try:
            answer = self.services[service](model.name, parameters, caller)
            status = 200
        except Error as error:
            answer, status = {"Error": {"Code": error.code, "Message": error.code}}, error.status
        record["status"] = status
        answer.setdefault("ResponseMetadata", {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0})
        return SimpleNamespace(status_code=status, headers={}), answer


def _shown(value: Any) -> Any:
    """A body as its size; everything else that JSON lacks as text."""
    return {"bytes": len(value)} if isinstance(value, (bytes, bytearray, memoryview)) else str(value)


def _no_names(host: Any, *_: Any, **__: Any) -> Any:
    raise OSError(f"the recorder looks no name up, got: {host}")


def _only_this_machine(connect: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] != "127.0.0.1":
            raise OSError(f"the recorder connects to no other machine, got: {address}")
        return connect(self, address)

    return checked
