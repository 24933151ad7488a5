"""Runs ZenML's own classes on a description of a synthesized stack (argument 1), and writes the calls (argument 2)."""
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from memory_s3 import MemoryS3
from recorder import Recorder
from services import answers

if __name__ == "__main__":
    description: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    s3 = MemoryS3(description["buckets"])
    recorder = Recorder({})
    recorder.services = {**answers(description["account"], lambda: recorder), "s3": s3.answer}
    recorder.install()

    # ZenML is imported after the recorder is installed.
    from registration import register
    from sagemaker import session
    from scenarios import Scenarios
    from zenml.integrations.aws.orchestrators import sagemaker_orchestrator

    # Jobs of the recorder end at once, so ZenML and the SDK ask without a pause.
    sagemaker_orchestrator.POLLING_DELAY = 0
    wait_until = session._wait_until
    session._wait_until = lambda ask, poll=0: wait_until(ask, 0)

    register(description)
    names = Scenarios(recorder, s3).run_all()
    stored = [call["parameters"].get("PipelineDefinitionS3Location") for call in recorder.calls]
    definitions = {one["ObjectKey"]: json.loads(s3.text(one["Bucket"], one["ObjectKey"])) for one in stored if one}
    result = {"scenarios": names, "calls": recorder.calls, "definitions": definitions}
    Path(sys.argv[2]).write_text(json.dumps(result))
