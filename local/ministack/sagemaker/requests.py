"""Checks a request by botocore's model of the API: types, required fields, patterns, lengths, ranges and enums.

SageMaker ignores fields that it does not know. Here they are refused, so that a typo does not pass unnoticed.
"""
import functools
import re

import botocore.session

from .errors import invalid

TYPES = {"string": str, "integer": int, "long": int, "float": (int, float), "double": (int, float), "boolean": bool,
         "structure": dict, "map": dict, "list": list, "timestamp": (int, float)}


@functools.cache
def _model():
    return botocore.session.get_session().get_service_model("sagemaker")


def operations():
    """The operations that the API has."""
    return _model().operation_names


def check(operation, parameters):
    """Refuses parameters that are not what the operation takes."""
    problems = list(_problems(_model().operation_model(operation).input_shape, parameters, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise invalid(f"{len(problems)} validation error{plural} detected: " + "; ".join(problems))


def refuse_unsupported(parameters, supported, place=""):
    """Refuses fields that the API has and that have no effect here. `supported` is a tree of names."""
    for name, value in parameters.items():
        if name not in supported:
            raise invalid(f"the local SageMaker does not support {place}{name}")
        if supported[name] is not None and isinstance(value, dict):
            refuse_unsupported(value, supported[name], f"{place}{name}.")


def _problems(shape, value, place):
    expected = TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean")):
        yield f"Value at '{place}' must be a {shape.type_name}"
        return
    yield from _broken_limits(shape, value, place)
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"Value at '{_join(place, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in value.items():
            if name in shape.members:
                yield from _problems(shape.members[name], member, _join(place, name))
            else:
                yield f"'{_join(place, name)}' is not a field of {shape.name}"
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            yield from _problems(shape.member, member, f"{place}.{index + 1}.member")
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from _problems(shape.key, key, f"{place}.key")
            yield from _problems(shape.value, member, f"{place}.{key}")


def _broken_limits(shape, value, place):
    limits = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value)
    measured = "have length" if isinstance(value, (str, list, dict)) else "have value"
    failed = f"Value at '{place}' failed to satisfy constraint: Member must"
    if "min" in limits and size < limits["min"]:
        yield f"{failed} {measured} greater than or equal to {limits['min']}"
    elif "max" in limits and size > limits["max"]:
        yield f"{failed} {measured} less than or equal to {limits['max']}"
    elif "pattern" in limits and not _pattern(limits["pattern"]).fullmatch(value):
        yield f"{failed} satisfy regular expression pattern: {limits['pattern']}"
    elif "enum" in limits and value not in limits["enum"]:
        yield f"Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy enum value set"


@functools.cache
def _pattern(text):
    # Python has no classes of Unicode letters, separators and numbers.
    return re.compile(text.replace(r"\p{L}\p{Z}\p{N}", r"\w\s"))


def _join(place, name):
    name = name[0].lower() + name[1:]
    return f"{place}.{name}" if place else name
