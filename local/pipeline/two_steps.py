"""Two steps that hand an artifact over, run by the real ZenML client on the active stack.

Arguments: a text, and the name of an earlier run whose artifact is read as well. Prints one line of JSON: the URI of the
artifact, its value as the second step has read it, and the value of the earlier one.
"""
import json
import sys

from zenml import pipeline, step
from zenml.client import Client


@step(enable_cache=False)
def produce(text: str) -> list[str]:
    return text.split()


@step(enable_cache=False)
def join(words: list[str]) -> str:
    return "-".join(words)


@pipeline(enable_cache=False)
def two_steps(text: str) -> None:
    join(produce(text=text))


if __name__ == "__main__":
    run = two_steps(text=sys.argv[1])
    artifact = run.steps["join"].output
    earlier = Client().get_pipeline_run(sys.argv[2]).steps["join"].output.load() if len(sys.argv) > 2 else None
    print(json.dumps({"run": run.name, "uri": artifact.uri, "value": artifact.load(), "earlier": earlier}))
