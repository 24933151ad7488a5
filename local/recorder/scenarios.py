"""What users of the stack do, and what ZenML does inside of their jobs."""
import os
import time
from types import SimpleNamespace
from typing import Any

from zenml.client import Client
from zenml.config.schedule import Schedule
from zenml.integrations.registry import integration_registry

import pipelines
from memory_s3 import MemoryS3
from recorder import Recorder

MEGABYTE = 1 << 20


class Scenarios:
    """Each method without an underscore is one scenario; it returns nothing, the recorder has the calls."""

    def __init__(self, recorder: Recorder, s3: MemoryS3) -> None:
        self._recorder, self._s3 = recorder, s3

    def run_all(self) -> list[str]:
        """Runs each scenario; the names."""
        integration_registry.activate_integrations()
        names = [name for name in vars(type(self)) if not name.startswith("_") and name != "run_all"]
        for name in names:
            self._recorder.scenario = name
            began = time.monotonic()
            getattr(self, name)()
            print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
        return names

    def static_pipeline(self) -> None:
        pipelines.trained()
        # The jobs of the pipeline: each writes its artifacts with the connector of the artifact store.
        self._inside_the_jobs("trained")

    def processing_jobs(self) -> None:
        pipelines.processed()

    def forty_steps(self) -> None:
        pipelines.many()

    def schedule(self) -> None:
        pipelines.scheduled.with_options(schedule=Schedule(cron_expression="0 8 * * ? *"))()

    def status_of_a_run(self) -> None:
        for name in ("trained", "dynamic_training", "dynamic_processing"):
            self._dynamic(name)
        stack = Client().active_stack
        for name in ("trained", "dynamic_training", "dynamic_processing"):
            stack.orchestrator.fetch_status(Client().get_pipeline(name).last_run)

    def step_operator(self) -> None:
        pipelines.operated()
        self._inside_the_jobs("operated", must_work=False)
        Client().active_stack.step_operator.cancel(self._job("training"))

    def isolated_steps(self) -> None:
        orchestrator = Client().active_stack.orchestrator
        for job_type in ("training", "processing"):
            orchestrator.get_isolated_step_status(self._job(job_type))
            orchestrator.stop_isolated_step(self._job(job_type))

    def artifacts(self) -> None:
        store = Client().active_stack.artifact_store
        folder = f"{store.path}/recorded"
        with store.open(f"{folder}/a.txt", "wb") as file:
            file.write(b"text")
        with store.open(f"{folder}/a.txt", "rb") as file:
            assert file.read() == b"text"
        store.listdir(folder)
        store.copyfile(f"{folder}/a.txt", f"{folder}/b.txt")
        store.rename(f"{folder}/b.txt", f"{folder}/c.txt")
        store.remove(f"{folder}/c.txt")
        store._remove_previous_file_versions(f"{folder}/a.txt")
        store.rmtree(folder)

    def large_artifact(self) -> None:
        store = Client().active_stack.artifact_store
        with store.open(f"{store.path}/large.bin", "wb") as file:
            for _ in range(60):
                file.write(b"x" * MEGABYTE)

    def failed_upload(self) -> None:
        """The connection breaks during the upload of a large artifact."""
        store = Client().active_stack.artifact_store
        self._s3.is_broken = True
        try:
            with store.open(f"{store.path}/broken.bin", "wb") as file:
                for _ in range(120):
                    file.write(b"x" * MEGABYTE)
            raise AssertionError("the upload must fail")
        except OSError:
            file.discard()
        finally:
            self._s3.is_broken = False

    def _dynamic(self, name: str) -> None:
        if name.startswith("dynamic"):
            getattr(pipelines, name)()

    def _inside_the_jobs(self, pipeline: str, must_work: bool = True) -> None:
        run = Client().get_pipeline(pipeline).last_run
        snapshot = Client().zen_store.get_snapshot(run.snapshot.id)
        os.environ["ZENML_SAGEMAKER_RUN_ID"] = str(run.orchestrator_run_id or run.run_metadata["orchestrator_run_id"])
        orchestrator = Client().active_stack.orchestrator
        for step in snapshot.step_configurations.values():
            orchestrator._prepare_run(snapshot=snapshot)
            try:
                orchestrator.run_step(step=step)
            except Exception:
                if must_work:
                    raise
            finally:
                orchestrator._cleanup_run()

    @staticmethod
    def _job(job_type: str) -> Any:
        return SimpleNamespace(run_metadata={"job_name": "recorded-job", "job_type": job_type})
