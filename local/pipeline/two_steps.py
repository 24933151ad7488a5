"""Two steps that hand an artifact over, run by the real ZenML client on the active stack.

Prints one line of JSON: the URI of the artifact, and its value as the second step has read it.
"""
import json
import sys

from zenml import pipeline, step


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
    print(json.dumps({"run": run.name, "uri": artifact.uri, "value": artifact.load()}))
