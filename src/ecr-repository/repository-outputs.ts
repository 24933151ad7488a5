import { CfnOutput } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { RepositoryEndpoints } from './repository-endpoints';
import { shielded } from '../private/known';
import { validatePattern } from '../private/validation';

/** Properties of `RepositoryOutputs`. */
export interface RepositoryOutputsProps {
  /** The repository. */
  readonly repository: ecr.IRepository;

  /**
   * Prefix of the SSM parameters that hold the values, such as `/team/models`: `<prefix>/uri`, `<prefix>/name`,
   * `<prefix>/arn` and `<prefix>/registry-uri`. Applications that are deployed separately can read them.
   *
   * @default - no parameters
   */
  readonly parameterPrefix?: string;

  /**
   * Prefix of the stack exports of the values, such as `team-models`: `<prefix>-uri`, `<prefix>-name`, `<prefix>-arn`
   * and `<prefix>-registry-uri`. CloudFormation refuses to change or delete an export while another stack imports it.
   *
   * @default - no exports
   */
  readonly exportPrefix?: string;
}

/**
 * Stack outputs with the URI, name and ARN of a repository, the host of its registry, and the command that logs Docker
 * in.
 */
export class RepositoryOutputs extends Construct {
  /** The addresses of the repository. */
  public readonly endpoints: RepositoryEndpoints;

  /**
   * @throws when a prefix is not a valid start of a parameter name or export name
   */
  public constructor(scope: Construct, id: string, props: RepositoryOutputsProps) {
    super(scope, id);
    validatePattern('parameterPrefix', props.parameterPrefix, /^\/[\w.-]+(\/[\w.-]+)*$/, '"/team/models"');
    validatePattern(
      'exportPrefix',
      props.exportPrefix,
      /^[A-Za-z0-9:-]+$/,
      '"team-models" (letters, digits, ":" and "-")',
    );
    this.endpoints = RepositoryEndpoints.of(this, props.repository);

    const values: [string, string, string, string][] = [
      ['Uri', 'uri', 'URI of the ECR repository', this.endpoints.repositoryUri],
      ['Name', 'name', 'Name of the ECR repository', props.repository.repositoryName],
      ['Arn', 'arn', 'ARN of the ECR repository', props.repository.repositoryArn],
      ['RegistryUri', 'registry-uri', 'Host of the ECR registry', this.endpoints.registryUri],
    ];
    for (const [outputId, name, description, value] of values) {
      const exportName = props.exportPrefix && shielded(`${props.exportPrefix}-${name}`);
      new CfnOutput(this, outputId, { value, description, exportName });
      if (props.parameterPrefix) {
        new ssm.StringParameter(this, `${outputId}Parameter`, {
          parameterName: shielded(`${props.parameterPrefix}/${name}`),
          stringValue: value,
          description,
          simpleName: false,
        });
      }
    }
    new CfnOutput(this, 'DockerLoginCommand', {
      value: this.endpoints.dockerLoginCommand,
      description: 'Command that logs Docker in to the registry',
    });
  }
}
