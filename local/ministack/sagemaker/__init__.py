"""A stand-in for SageMaker: pipelines, training jobs and processing jobs, as far as ZenML uses them.

`api` takes the calls, `requests` checks them, `access` asks ministack's IAM, `pipelines` and `definitions` run steps in
order, `jobs` are the jobs, and `images`, `credentials` and `processes` run the code of a job on this machine.
"""
from .api import install

__all__ = ["install"]
