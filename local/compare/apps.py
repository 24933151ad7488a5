"""Runs several CDK apps in one process, since importing aws_cdk takes far longer than the apps do. Argument: a JSON file with a list of
`{"folder", "out", "context"}`. Each app gets as arguments of App what the CDK command line would give by environment variables.
What an app throws goes to `error` in its folder of output; the others run all the same.
"""
import json
import os
import runpy
import sys
import traceback

import aws_cdk

ORIGINAL = aws_cdk.App


def run(case: dict) -> None:
    aws_cdk.App = lambda **props: ORIGINAL(**{"outdir": case["out"], "context": case["context"], **props})
    os.chdir(case["folder"])
    try:
        runpy.run_path("app.py", run_name="__main__")
    except Exception:
        with open(os.path.join(case["out"], "error"), "w", encoding="utf-8") as file:
            file.write(traceback.format_exc())


with open(sys.argv[1], encoding="utf-8") as cases:
    for one in json.load(cases):
        run(one)
