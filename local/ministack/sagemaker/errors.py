"""Refusals, with the codes of SageMaker's API."""


class Refusal(Exception):
    """SageMaker refuses a call, or a job fails with this reason."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message):
    return Refusal("ValidationException", message)


def not_found(message):
    return Refusal("ResourceNotFound", message)
