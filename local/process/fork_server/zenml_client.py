"""What the fork server of ZenML clients imports: the command line, the integrations aws and s3, what a step uses."""
import botocore_caches
import jsonschema
import sqlalchemy.orm
import zenml.cli.cli
import zenml.entrypoints.step_entrypoint_configuration
import zenml.zen_stores.rest_zen_store
import zenml.zen_stores.sql_zen_store
from zenml.integrations.registry import integration_registry

integration_registry.activate_integrations()

import zenml.integrations.aws.orchestrators
import zenml.integrations.aws.service_connectors.aws_service_connector
import zenml.integrations.aws.step_operators
import zenml.integrations.s3.artifact_stores
from sagemaker.config.config_schema import SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA

# What a process computes before its first query, the same in each.
sqlalchemy.orm.configure_mappers()

# The SageMaker SDK validates its settings at each of their uses, and each time it first validates their schema.
_schema = SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA
_validator = jsonschema.validators.validator_for(_schema)
_check_schema = _validator.check_schema
_check_schema(_schema)
_validator.check_schema = lambda schema, *options, **more: schema is _schema or _check_schema(schema, *options, **more)
