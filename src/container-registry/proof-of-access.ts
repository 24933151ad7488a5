import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EcrContainerRegistryProps } from './container-registry-props';
import { synthError } from '../private/synth-error';

/**
 * Whether a deploy proves push and pull. Adds an info where it does not because the registration function is in a VPC.
 */
export function provesAccess(
  scope: Construct,
  { proveAccess, server }: Pick<EcrContainerRegistryProps, 'proveAccess' | 'server'>,
  hasConnector: boolean,
): boolean {
  if (!hasConnector) {
    if (!proveAccess) {
      return false;
    }
    throw synthError(
      'CZ101',
      '`proveAccess` must not be true without a service connector, whose Docker credentials the proof uses, got: true: '
        + 'leave `proveAccess` out, or use RegistryAuthentication.connector()',
    );
  }
  if (proveAccess !== undefined) {
    return proveAccess;
  }
  if (!server._settings.registrationFunction.vpc) {
    return true;
  }
  Annotations.of(scope).addInfoV2(
    'cdk-zenml:accessNotProved',
    'a deploy does not prove that pushes and pulls work, '
      + 'because the registration function runs in a VPC: set `proveAccess: true` if the function can reach the registry '
      + '(through a NAT gateway, or through the endpoints `ecr.dkr` and `s3`), or `proveAccess: false` to remove this '
      + 'note',
  );
  return false;
}
