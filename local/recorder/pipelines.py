"""Pipelines of a user of the stack."""
from zenml import pipeline, step
from zenml.config import DockerSettings
from zenml.integrations.aws.flavors.sagemaker_orchestrator_flavor import SagemakerOrchestratorSettings

# An image that steps are built upon. Nobody pulls it here.
DOCKER = DockerSettings(parent_image="python:3.12-slim")
# The definition of a pipeline is larger than 100 KB with so many steps that have some environment variables.
MANY = 40

PROCESSING = SagemakerOrchestratorSettings(use_training_step=False, tags={"team": "ml"}, pipeline_tags={"team": "ml"})
TAGGED = SagemakerOrchestratorSettings(tags={"team": "ml"}, pipeline_tags={"team": "ml"})
WORDY = SagemakerOrchestratorSettings(environment={f"SETTING_{number}": "x" * 250 for number in range(8)})
ALONE_TRAINING = SagemakerOrchestratorSettings(synchronous=True, tags={"team": "ml"})
ALONE_PROCESSING = SagemakerOrchestratorSettings(synchronous=True, use_training_step=False, tags={"team": "ml"})


@step(enable_cache=False)
def produce() -> list[str]:
    return ["a", "b"]


@step(enable_cache=False)
def join(words: list[str]) -> str:
    return "-".join(words)


@step(enable_cache=False)
def alone() -> str:
    return "a" * 10


@step(enable_cache=False, step_operator=True)
def on_the_operator() -> str:
    return "operated"


@pipeline(enable_cache=False, settings={"docker": DOCKER, "orchestrator": TAGGED})
def trained() -> None:
    join(produce())


@pipeline(enable_cache=False, settings={"docker": DOCKER, "orchestrator": PROCESSING})
def processed() -> None:
    join(produce())


@pipeline(enable_cache=False, settings={"docker": DOCKER})
def scheduled() -> None:
    produce()


@pipeline(enable_cache=False, settings={"docker": DOCKER, "orchestrator": WORDY})
def many() -> None:
    for number in range(MANY):
        alone(id=f"step_number_{number}")


@pipeline(enable_cache=False, settings={"docker": DOCKER})
def operated() -> None:
    on_the_operator()


@pipeline(enable_cache=False, dynamic=True, settings={"docker": DOCKER, "orchestrator": ALONE_TRAINING})
def dynamic_training() -> None:
    alone.with_options(runtime="isolated")()


@pipeline(enable_cache=False, dynamic=True, settings={"docker": DOCKER, "orchestrator": ALONE_PROCESSING})
def dynamic_processing() -> None:
    alone.with_options(runtime="isolated")()
