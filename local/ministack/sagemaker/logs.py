"""The log of a job in ministack's CloudWatch Logs, written with the rights of the execution role."""
import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs

from .access import demand
from .errors import Refusal


class JobLog:
    """One log stream. A job without the rights to write it runs all the same, as in SageMaker, and has no log."""

    def __init__(self, access_key, group, stream):
        self._access_key, self._group, self._stream = access_key, group, stream
        self._arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}"
        self._is_open = self._open()

    def write(self, line):
        """One line of output."""
        if self._is_open and self._may("PutLogEvents", f"{self._arn}:log-stream:{self._stream}"):
            event = {"timestamp": int(time.time() * 1000), "message": line}
            cloudwatch_logs._put_log_events({**self._names(), "logEvents": [event]})

    def _open(self):
        if self._group not in cloudwatch_logs._log_groups:
            if not self._may("CreateLogGroup", self._arn):
                return False
            cloudwatch_logs._create_log_group({"logGroupName": self._group})
        if not self._may("CreateLogStream", f"{self._arn}:log-stream:{self._stream}"):
            return False
        cloudwatch_logs._create_log_stream(self._names())
        return True

    def _names(self):
        return {"logGroupName": self._group, "logStreamName": self._stream}

    def _may(self, action, resource):
        try:
            demand(self._access_key, f"logs:{action}", resource)
        except Refusal:
            return False
        return True
