import { dirname } from 'node:path';
import { DockerCredentials, pushImage } from './oci-repository';
import { QUIET_SDKS } from '../process/environment';
import { Venv } from '../process/venv';
import { LocalAws } from '../services/aws';

/**
 * Pushes an image for jobs of the local SageMaker, and gives its URI. The image has no files: the `PATH` in its
 * configuration leads to a virtual environment of this machine, whose programs the jobs run.
 */
export async function pushJobImage(
  aws: LocalAws, credentials: DockerCredentials, repository: string, venv?: Venv,
): Promise<string> {
  const path = [...venv ? [dirname(venv.python), venv.bin] : [], '/usr/local/bin', '/usr/bin', '/bin'].join(':');
  await pushImage(aws, credentials, repository, 'job', { PATH: path, ...QUIET_SDKS });
  return `${aws.account}.dkr.ecr.${aws.region}.amazonaws.com/${repository}:job`;
}
