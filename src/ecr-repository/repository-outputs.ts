import { CfnOutput } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { RepositoryEndpoints } from './repository-endpoints';
import { isUnknown, shielded } from '../private/known';

/** Properties of `RepositoryOutputs`. */
export interface RepositoryOutputsProps {
  /** The repository to tell about. */
  readonly repository: ecr.IRepository;

  /**
   * Also write each value to an SSM parameter, `<prefix>/uri`, `/name`, `/arn` and `/registry-uri`, for what is deployed apart.
   *
   * @default - no parameters
   */
  readonly parameterPrefix?: string;

  /**
   * Also export each value from the stack, as `<prefix>-uri`, `-name`, `-arn` and `-registry-uri`. CloudFormation lets an export neither
   * change nor go while another stack imports it.
   *
   * @default - no exports
   */
  readonly exportPrefix?: string;
}

/** Stack outputs that tell people and other stacks about a repository: its URI, name, ARN, registry host, and the command that logs Docker in. */
export class RepositoryOutputs extends Construct {
  /** The addresses of the repository. */
  public readonly endpoints: RepositoryEndpoints;

  /**
   * @throws when a prefix cannot start the name of a parameter or export
   */
  public constructor(scope: Construct, id: string, props: RepositoryOutputsProps) {
    super(scope, id);
    assertPrefix('parameterPrefix', props.parameterPrefix, /^\/[\w.-]+(\/[\w.-]+)*$/, '/team/models');
    assertPrefix('exportPrefix', props.exportPrefix, /^[A-Za-z0-9:-]+$/, 'team-models');
    this.endpoints = RepositoryEndpoints.of(this, props.repository);

    const values: [string, string, string, string][] = [
      ['Uri', 'uri', 'URI of the ECR repository', this.endpoints.repositoryUri],
      ['Name', 'name', 'Name of the ECR repository', props.repository.repositoryName],
      ['Arn', 'arn', 'ARN of the ECR repository', props.repository.repositoryArn],
      ['RegistryUri', 'registry-uri', 'Host of the ECR registry', this.endpoints.registryUri],
    ];
    for (const [outputId, name, description, value] of values) {
      new CfnOutput(this, outputId, { value, description, exportName: props.exportPrefix && shielded(`${props.exportPrefix}-${name}`) });
      if (props.parameterPrefix) {
        new ssm.StringParameter(this, `${outputId}Parameter`, {
          parameterName: shielded(`${props.parameterPrefix}/${name}`), stringValue: value, description, simpleName: false,
        });
      }
    }
    new CfnOutput(this, 'DockerLoginCommand', { value: this.endpoints.dockerLoginCommand, description: 'Logs Docker in to the registry' });
  }
}

function assertPrefix(prop: string, value: string | undefined, pattern: RegExp, example: string): void {
  if (value === undefined || isUnknown(value) || pattern.test(value)) { return; }
  throw new Error(`\`${prop}\` looks like ${example}, got ${JSON.stringify(value)}`);
}
