import { CfnResource, Resource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cr from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { acknowledge } from '../private/acknowledge';

/** Id that aws-cdk gives the one function of all `AwsCustomResource`s in a stack. */
const AWS_CUSTOM_RESOURCE_FUNCTION = 'AWS679f53fac002430cb0da5b7982bd2287';

/** What checkers find on it, and is aws-cdk's to settle. */
const OF_AWS_CDK = {
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]': 'the function writes its own log by this policy',
  'AwsSolutions-L1': 'aws-cdk chooses the runtime of its AwsCustomResource',
  'Serverless-LambdaDefaultMemorySize': 'one call of AWS needs no more than the default',
  'Serverless-LambdaDLQ': 'CloudFormation waits for the answer and reports a missing one as a failed resource; nothing is lost that a queue could keep',
  'Serverless-LambdaTracing': 'one call of AWS at a deployment leaves nothing to trace',
};

/** Which actions a registry policy can allow. */
export enum RegistryPolicyScope {
  /** All actions of ECR. Registries made before it existed know three actions until it is set, and ECR takes no way back. */
  V2 = 'V2',
}

/** What `RegistryScanType.BASIC` scans with. */
export enum BasicScanVersion {
  /** AWS's own scanner. */
  AWS_NATIVE = 'AWS_NATIVE',
}

/** Properties of `RegistryAccountSettings`. At least one is needed. */
export interface RegistryAccountSettingsProps {
  /**
   * Whether a push may take layers that another repository of this registry holds already, instead of sending them again: repositories of one
   * encryption and key, and only where whoever pushes may also pull from the other one (`grantPull`).
   *
   * @default - left as it is (ECR's own default: no)
   */
  readonly blobMounting?: boolean;

  /**
   * Which actions `RegistryPolicy` can allow.
   *
   * @default - left as it is
   */
  readonly policyScope?: RegistryPolicyScope;

  /**
   * Scanner of basic scanning.
   *
   * @default - left as it is
   */
  readonly basicScanVersion?: BasicScanVersion;
}

/**
 * Settings of the account's registry in this Region that CloudFormation has no resource for, by a call of `ecr:PutAccountSetting` (aws-cdk's
 * `AwsCustomResource`, whose one function the stack shares). A rollback sets the former value again. Deleting it leaves the settings as they are:
 * what they were before nobody has written down.
 */
export class RegistryAccountSettings extends Resource {
  /**
   * @throws when nothing is set, or the app sets something twice
   */
  public constructor(scope: Construct, id: string, props: RegistryAccountSettingsProps) {
    super(scope, id);
    const { blobMounting, policyScope, basicScanVersion } = props;
    if (blobMounting === undefined && policyScope === undefined && basicScanVersion === undefined) {
      throw new Error('RegistryAccountSettings sets nothing: give `blobMounting`, `policyScope` or `basicScanVersion`');
    }
    if (blobMounting !== undefined) { this.set('BlobMounting', 'BLOB_MOUNTING', blobMounting ? 'ENABLED' : 'DISABLED'); }
    if (policyScope !== undefined) { this.set('PolicyScope', 'REGISTRY_POLICY_SCOPE', policyScope); }
    if (basicScanVersion !== undefined) { this.set('BasicScanVersion', 'BASIC_SCAN_TYPE_VERSION', basicScanVersion); }
  }

  private set(id: string, name: string, value: string): void {
    const setting = new cr.AwsCustomResource(this, id, {
      // A type for each, so that a second owner of one in the app is found.
      resourceType: `Custom::ECR${id}`,
      onUpdate: { service: 'ECR', action: 'PutAccountSetting', parameters: { name, value }, physicalResourceId: cr.PhysicalResourceId.of(name) },
      policy: cr.AwsCustomResourcePolicy.fromStatements([new iam.PolicyStatement({
        actions: ['ecr:PutAccountSetting'],
        // AWS has no resource level for a setting of the account; the condition key names the one.
        resources: ['*'],
        conditions: { StringEquals: { 'ecr:AccountSetting': name } },
      })]),
      // The call is older than the SDK of any runtime in use; a download at each deployment would be slow and one more thing to trust.
      installLatestAwsSdk: false,
    });
    acknowledge(setting, { 'AwsSolutions-IAM5[Resource::*]': 'ecr:PutAccountSetting has no resource level; the condition ecr:AccountSetting names the setting' });
    const shared = Stack.of(this).node.tryFindChild(AWS_CUSTOM_RESOURCE_FUNCTION);
    if (shared) { acknowledge(shared, OF_AWS_CDK); }
    assertSingleOwner(setting.node.findChild('Resource').node.defaultChild as CfnResource);
  }
}
