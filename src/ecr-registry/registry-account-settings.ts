import { CfnResource, Resource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cr from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { acknowledge } from '../private/acknowledge';
import { synthError } from '../private/synth-error';

/** Construct id of the function that all `AwsCustomResource`s of a stack share. */
const AWS_CUSTOM_RESOURCE_FUNCTION = 'AWS679f53fac002430cb0da5b7982bd2287';

/** Findings of checkers on that function, whose settings aws-cdk determines. */
const FINDINGS_ON_FUNCTION = {
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
    'the policy lets the function write its own log',
  'AwsSolutions-L1': 'aws-cdk chooses the runtime of its AwsCustomResource',
  'Serverless-LambdaDefaultMemorySize': 'a single AWS API call needs no more than the default',
  'Serverless-LambdaDLQ': 'CloudFormation waits for the answer and reports a missing answer as a failed resource, so a '
    + 'queue would keep nothing',
  'Serverless-LambdaTracing': 'a single AWS API call per deployment needs no trace',
};

/** The actions that a registry policy can allow. */
export enum RegistryPolicyScope {
  /**
   * All ECR actions. Registries created before V2 support only three actions until it is set. The change cannot be
   * undone.
   */
  V2 = 'V2',
}

/** The scanner of basic scanning. */
export enum BasicScanVersion {
  /** The AWS native scanner. */
  AWS_NATIVE = 'AWS_NATIVE',
}

/** Properties of `RegistryAccountSettings`. At least one must be set. */
export interface RegistryAccountSettingsProps {
  /**
   * Whether a push can reuse layers of other repositories in the registry instead of uploading them again. The
   * repositories must have the same encryption and key, and the identity that pushes must be allowed to pull from the
   * other repository (`grantPull`).
   *
   * @default - not changed (ECR's default: false)
   */
  readonly blobMounting?: boolean;

  /**
   * The actions that `RegistryPolicy` can allow.
   *
   * @default - not changed
   */
  readonly policyScope?: RegistryPolicyScope;

  /**
   * The scanner of basic scanning.
   *
   * @default - not changed
   */
  readonly basicScanVersion?: BasicScanVersion;
}

/**
 * Settings of the account's registry in this Region for which CloudFormation has no resource. aws-cdk's
 * `AwsCustomResource`, whose function the CloudFormation stack shares, calls `ecr:PutAccountSetting`. A rollback
 * restores the former value. Deleting this construct leaves the settings unchanged, because their previous values are
 * not recorded.
 */
export class RegistryAccountSettings extends Resource {
  /**
   * @throws when no setting is given; at synth, when the app sets a setting twice
   */
  public constructor(scope: Construct, id: string, props: RegistryAccountSettingsProps) {
    super(scope, id);
    const { blobMounting, policyScope, basicScanVersion } = props;
    if (blobMounting === undefined && policyScope === undefined && basicScanVersion === undefined) {
      throw synthError(
        'CZ102',
        'RegistryAccountSettings must have at least one setting: set `blobMounting`, `policyScope` or `basicScanVersion`',
      );
    }
    if (blobMounting !== undefined) {
      this.set('BlobMounting', 'BLOB_MOUNTING', blobMounting ? 'ENABLED' : 'DISABLED');
    }
    if (policyScope !== undefined) { this.set('PolicyScope', 'REGISTRY_POLICY_SCOPE', policyScope); }
    if (basicScanVersion !== undefined) { this.set('BasicScanVersion', 'BASIC_SCAN_TYPE_VERSION', basicScanVersion); }
  }

  private set(id: string, name: string, value: string): void {
    const setting = new cr.AwsCustomResource(this, id, {
      // One type per setting, so that `claimSetting` finds a second owner of the setting.
      resourceType: `Custom::ECR${id}`,
      onUpdate: {
        service: 'ECR',
        action: 'PutAccountSetting',
        parameters: { name, value },
        physicalResourceId: cr.PhysicalResourceId.of(name),
      },
      policy: cr.AwsCustomResourcePolicy.fromStatements([
        new iam.PolicyStatement({
          actions: ['ecr:PutAccountSetting'],
          // AWS has no resource level for account settings. The condition limits the right to one setting.
          resources: ['*'],
          conditions: { StringEquals: { 'ecr:AccountSetting': name } },
        }),
      ]),
      // The SDK of every supported runtime has this call. A download in each deployment would be slow and one more
      // thing to trust.
      installLatestAwsSdk: false,
    });
    acknowledge(setting, {
      'AwsSolutions-IAM5[Resource::*]':
        'ecr:PutAccountSetting has no resource level; the condition ecr:AccountSetting names the setting',
    });
    const shared = Stack.of(this).node.tryFindChild(AWS_CUSTOM_RESOURCE_FUNCTION);
    if (shared) { acknowledge(shared, FINDINGS_ON_FUNCTION); }
    claimSetting(setting.node.findChild('Resource').node.defaultChild as CfnResource);
  }
}
