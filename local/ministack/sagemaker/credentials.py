"""Credentials of the execution role for the processes of jobs, at an address that each job has for itself.

AWS SDKs ask such an address when `AWS_CONTAINER_CREDENTIALS_FULL_URI` names it, and ask again before a session ends.
"""
import functools
import json
import secrets
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .access import open_session

_roles = {}  # path -> ARN of the role


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        role = _roles.get(self.path)
        if not role:
            self.send_error(404)
            return
        made = open_session(role)
        content = json.dumps({
            "RoleArn": role, "AccessKeyId": made.access_key, "SecretAccessKey": made.secret_key, "Token": made.token,
            "Expiration": datetime.fromtimestamp(made.expires, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Nothing: the path is a secret of the job."""


@functools.cache
def _server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, name="job-credentials", daemon=True).start()
    return server


def publish(role_arn):
    """The address of the credentials of a job, which nobody can guess."""
    path = f"/v2/credentials/{secrets.token_urlsafe(24)}"
    _roles[path] = role_arn
    return f"http://127.0.0.1:{_server().server_port}{path}"


def withdraw(address):
    """The job has ended: its address gives no more credentials."""
    _roles.pop(address[address.index("/v2/"):], None)
