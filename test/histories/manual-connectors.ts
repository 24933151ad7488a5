import { ACCOUNT } from './app';
import { AwsAccount } from '../simulator/aws-account';

/** AWS keys of somebody else that work with a connector, and what that connector holds. */
interface WorkingKeys {
  readonly configuration: Readonly<Record<string, string>>;
  readonly resourceId: string;
}

/**
 * A user, a key, a role that trusts the user, and its rights: what a connector of the method `iam-role` lives from. No
 * stack knows of them.
 */
export function handMadeKeys(account: AwsAccount, who: string, region: string = 'eu-west-1'): WorkingKeys {
  const key = `KEYOF${who.toUpperCase()}`;
  const secret = account.keySecret(key) ?? `canary-access-${who}-${account.random.hex(24)}`;
  const user = account.arn('iam', `user/${who}`);
  const role = `${who}-registry-role`;
  account.putUser(who);
  account.putKey(key, secret, who);
  account.putRole(role, [{ Principal: { AWS: user } }]);
  account.putPolicy(`${who}-registry-policy`, [role], [{ Action: 'ecr:*', Resource: '*' }]);
  return {
    configuration: {
      region,
      aws_access_key_id: key,
      aws_secret_access_key: secret,
      role_arn: account.arn('iam', `role/${role}`),
    },
    resourceId: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com`,
  };
}

/** The body of a POST that registers such a connector. */
export function handMadeConnector(name: string, keys: WorkingKeys): Record<string, unknown> {
  return {
    name,
    connector_type: 'aws',
    auth_method: 'iam-role',
    resource_types: ['docker-registry'],
    resource_id: keys.resourceId,
    configuration: { ...keys.configuration },
    description: 'made by hand',
    labels: { of: 'ann' },
  };
}
