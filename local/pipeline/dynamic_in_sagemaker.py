"""The steps of `two_steps.py` in a dynamic pipeline: one job of SageMaker runs the pipeline and starts the second step.

Both are processing jobs. Arguments: the text, the image of the jobs, and their instance type. Prints one line of JSON:
the state of the run, SageMaker's ARN of its job, and the name of the second job.
"""
import json
import sys

from zenml import pipeline
from zenml.client import Client
from zenml.integrations.aws.flavors.sagemaker_orchestrator_flavor import SagemakerOrchestratorSettings
from zenml.integrations.aws.orchestrators import sagemaker_orchestrator

from in_sagemaker import docker
from two_steps import join, produce


@pipeline(enable_cache=False, dynamic=True)
def dynamic_in_sagemaker(text: str) -> None:
    join.with_options(runtime="isolated")(produce(text))


if __name__ == "__main__":
    TEXT, IMAGE, INSTANCE_TYPE = sys.argv[1:]
    sagemaker_orchestrator.POLLING_DELAY = 1
    # Settings of a pipeline must name the instance type: ZenML forgets that of the component.
    jobs = SagemakerOrchestratorSettings(instance_type=INSTANCE_TYPE, use_training_step=False, tags={"team": "ml"})
    run = dynamic_in_sagemaker.with_options(settings={"docker": docker(IMAGE), "orchestrator": jobs})(text=TEXT)
    run = Client().get_pipeline_run(run.id)
    print(json.dumps({
        "status": run.status, "job": run.run_metadata["orchestrator_run_id"],
        "isolated": run.steps["join"].run_metadata.get("job_name"),
    }))
