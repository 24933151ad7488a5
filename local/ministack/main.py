"""Start the local AWS: ministack, with what a ZenML stack needs and ministack 1.5.33 lacks.

Every module here patches private names of exactly that version, so `private_api.check()` runs first.
"""
import private_api

private_api.check()

import access_key
import custom_resource
import ecr_authorization
import logs_authorization
import parameter
import records
import registry_access
import sagemaker
import secret

for module in (access_key, custom_resource, ecr_authorization, logs_authorization, parameter, records, registry_access, sagemaker, secret):
    module.install()

from ministack.app import main

main()
