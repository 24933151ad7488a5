"""Definitions of pipelines: JSON of version 2020-12-01, with steps that are training and processing jobs."""
import json

from .errors import invalid
from .job_kinds import KINDS

TOP = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "Steps"}
STEP = {"Name", "Type", "Arguments", "DependsOn", "Description", "DisplayName"}


class Step:
    """One step of a definition."""

    def __init__(self, content):
        unknown = content.keys() - STEP
        if unknown:
            raise invalid(f"the local SageMaker does not support {', '.join(sorted(unknown))} in a step")
        if content.get("Type") not in KINDS:
            raise invalid(f"the local SageMaker has steps of type Training and Processing, not {content.get('Type')}")
        self.name, self.kind = content["Name"], KINDS[content["Type"]]
        self.arguments, self.depends_on = content["Arguments"], content.get("DependsOn", [])


def parse(text):
    """The steps of a definition. Refused when it is not a graph of steps that this SageMaker can run."""
    try:
        content = json.loads(text)
        unknown = content.keys() - TOP
        if unknown or content["Version"] != "2020-12-01":
            raise invalid(f"Unable to parse pipeline definition: version or fields {sorted(unknown)} are unknown")
        if content.get("Parameters"):
            raise invalid("the local SageMaker does not support parameters of pipelines")
        steps = [Step(step) for step in content["Steps"]]
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise invalid(f"Unable to parse pipeline definition: {error!r}") from error
    _check_graph(steps)
    return steps


def _check_graph(steps):
    names = [step.name for step in steps]
    if len(set(names)) < len(names):
        raise invalid("Unable to parse pipeline definition: step names must be unique")
    done, waiting = set(), list(steps)
    while waiting:
        ready = [step for step in waiting if done.issuperset(step.depends_on)]
        if not ready:
            raise invalid("Unable to parse pipeline definition: DependsOn of "
                          f"{', '.join(step.name for step in waiting)} names unknown steps or a cycle")
        done.update(step.name for step in ready)
        waiting = [step for step in waiting if step.name not in done]


def resolve(value, variables):
    """The value with each `{"Get": ...}` replaced by a variable of the execution, and each `Std:Join` joined."""
    if isinstance(value, list):
        return [resolve(member, variables) for member in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Get"}:
        if value["Get"] not in variables:
            raise invalid(f"the local SageMaker does not support the reference {value['Get']}")
        return variables[value["Get"]]
    if value.keys() == {"Std:Join"}:
        return value["Std:Join"]["On"].join(map(str, resolve(value["Std:Join"]["Values"], variables)))
    return {name: resolve(member, variables) for name, member in value.items()}
