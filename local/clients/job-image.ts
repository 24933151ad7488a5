import { join } from 'node:path';
import { DockerCredentials, pushImage } from './oci-repository';
import { ROOT } from '../process/paths';
import { Venv } from '../process/venv';
import { LocalAws } from '../services/aws';

/** Settings of a machine that runs ZenML's SageMaker classes: nothing is reported to others. */
export const QUIET_SDKS = {
  SAGEMAKER_USER_CONFIG_OVERRIDE: join(ROOT, 'local', 'pipeline', 'sagemaker-sdk.yaml'),
  ZENML_ANALYTICS_OPT_IN: 'false',
  ZENML_LOGGING_VERBOSITY: 'WARN',
};

/**
 * Pushes an image for jobs of the local SageMaker, and gives its URI. The image has no files: the `PATH` in its
 * configuration leads to a virtual environment of this machine, whose programs the jobs run.
 */
export async function pushJobImage(
  aws: LocalAws, credentials: DockerCredentials, repository: string, venv?: Venv,
): Promise<string> {
  const path = [...venv ? [venv.bin] : [], '/usr/local/bin', '/usr/bin', '/bin'].join(':');
  await pushImage(aws, credentials, repository, 'job', { PATH: path, ...QUIET_SDKS });
  return `${aws.account}.dkr.ecr.${aws.region}.amazonaws.com/${repository}:job`;
}
