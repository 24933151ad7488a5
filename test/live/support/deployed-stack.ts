import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { LocalAws } from '../../../local/services/aws';

/** A stack's resources as they are in the local AWS, found by type and a part of their logical id. */
export class DeployedStack {
  public static async of(aws: LocalAws, stackId: string): Promise<DeployedStack> {
    const answer = await new CloudFormationClient(aws.clientOptions()).send(
      new DescribeStackResourcesCommand({ StackName: stackId }),
    );
    return new DeployedStack(answer.StackResources!.map(({ ResourceType, LogicalResourceId, PhysicalResourceId }) => ({
      type: ResourceType!, logicalId: LogicalResourceId!, physicalId: PhysicalResourceId!,
    })));
  }

  private constructor(public readonly resources: readonly { type: string; logicalId: string; physicalId: string }[]) {}

  /** Physical ids of all that fit. */
  public all(type: string, part: RegExp = /./): string[] {
    return this.resources
      .filter((resource) => resource.type === type && part.test(resource.logicalId))
      .map((resource) => resource.physicalId);
  }

  /** The physical id of the one that fits. */
  public one(type: string, part: RegExp = /./): string {
    const found = this.all(type, part);
    if (found.length !== 1) { throw new Error(`expected one ${type} like ${String(part)}, found ${found.length}`); }
    return found[0]!;
  }

  /** The UUID of the one object in ZenML that fits, from its physical id. */
  public zenmlId(type: string, part?: RegExp): string {
    return this.one(type, part).split(':')[3]!;
  }
}
