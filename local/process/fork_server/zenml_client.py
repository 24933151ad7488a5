"""What the fork server of ZenML clients imports: the command line, the integrations aws and s3, what a step uses."""
import functools

import jsonschema
import sqlalchemy.orm
import zenml.cli.cli
import zenml.entrypoints.step_entrypoint_configuration
import zenml.zen_stores.rest_zen_store
import zenml.zen_stores.sql_zen_store
from botocore.loaders import JSONFileLoader
from zenml.integrations.registry import integration_registry

integration_registry.activate_integrations()

import zenml.integrations.aws.orchestrators
import zenml.integrations.aws.service_connectors.aws_service_connector
import zenml.integrations.aws.step_operators
import zenml.integrations.s3.artifact_stores
from sagemaker.config.config_schema import SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA

# What a process computes before its first query, the same in each.
sqlalchemy.orm.configure_mappers()

# botocore reads its data files once per session, which ZenML makes for each call of a service connector.
_load_file = JSONFileLoader.load_file
_loaded = functools.cache(lambda path: _load_file(JSONFileLoader(), path))
JSONFileLoader.load_file = lambda self, path: _loaded(path)

# The SageMaker SDK validates its settings at each of their uses, and each time it first validates their schema.
_schema = SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA
_validator = jsonschema.validators.validator_for(_schema)
_check_schema = _validator.check_schema
_check_schema(_schema)
_validator.check_schema = lambda schema, *options, **more: schema is _schema or _check_schema(schema, *options, **more)
