"""The steps of `two_steps.py` in SageMaker: the first as a job of a pipeline, the second as a job of the step operator.

Arguments: the text, and the image of the jobs. Prints one line of JSON: the name of the run, SageMaker's ARN of it, the
URI of the artifact, its value as the second step has read it, and the name of the step operator's job.
"""
import json
import sys

from zenml import pipeline
from zenml.client import Client
from zenml.config import DockerSettings
from zenml.integrations.aws.orchestrators import sagemaker_orchestrator

from two_steps import join, produce


def docker(image: str) -> DockerSettings:
    """The image has everything but the code, which comes from the artifact store."""
    return DockerSettings(parent_image=image, skip_build=True, allow_download_from_artifact_store=True)


@pipeline(enable_cache=False)
def in_sagemaker(text: str) -> None:
    join.with_options(step_operator=True)(produce(text))


if __name__ == "__main__":
    TEXT, IMAGE = sys.argv[1:]
    # ZenML asks twice a minute whether the pipeline has ended. Here jobs end within seconds.
    sagemaker_orchestrator.POLLING_DELAY = 1
    run = in_sagemaker.with_options(settings={"docker": docker(IMAGE)})(text=TEXT)
    step = Client().get_pipeline_run(run.id).steps["join"]
    print(json.dumps({
        "run": run.name, "execution": run.run_metadata["orchestrator_run_id"], "uri": step.output.uri,
        "value": step.output.load(), "job": step.run_metadata.get("job_name"),
    }))
