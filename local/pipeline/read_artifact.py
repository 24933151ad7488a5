"""Reads an artifact of a run as a teammate does, who has a ZenML login and no AWS keys. Prints its value as JSON."""
import json
import sys

from zenml.client import Client

print(json.dumps(Client().get_pipeline_run(sys.argv[1]).steps["join"].output.load()))
