import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import {
  describeRepository,
  dockerLoginCommand,
  registryHost,
  repositoryEnvironment,
  repositoryUri,
} from './registry-host';
import { RegistryEnvironment } from './repository-arns';
import { isUnknown } from '../private/known';
import { hasFips, partitionOf } from '../private/partitions';
import { synthError } from '../private/synth-error';
import { validatePattern } from '../private/validation';

/**
 * The addresses of a repository. They follow the repository's account, Region and partition. aws-cdk's `repositoryUri`
 * follows the stack that calls it.
 *
 * ZenML accepts only the standard host. The FIPS and dual-stack hosts are for other tools. `docker login` applies to
 * one host: log in to the host that the tool uses.
 */
export class RepositoryEndpoints {
  /**
   * The addresses of a repository.
   *
   * @param scope any construct of the stack that uses the addresses
   * @param repository a repository that this app defines or imports
   */
  public static of(scope: IConstruct, repository: ecr.IRepository): RepositoryEndpoints {
    return new RepositoryEndpoints(scope, repository);
  }

  /** Host of the registry, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  public readonly registryUri: string;

  /** URI of the repository, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com/models`. */
  public readonly repositoryUri: string;

  /**
   * Shell command that logs Docker in to the registry with the caller's AWS credentials. The login is valid for 12
   * hours.
   */
  public readonly dockerLoginCommand: string;

  private constructor(scope: IConstruct, private readonly repository: ecr.IRepository) {
    this.registryUri = registryHost(repository, scope);
    this.repositoryUri = repositoryUri(this.registryUri, repository);
    this.dockerLoginCommand = dockerLoginCommand(this.registryUri, repositoryEnvironment(repository).region);
  }

  /**
   * URI of the image with a tag.
   *
   * @param tag the tag
   * @throws when the text is not a valid tag
   */
  public uriForTag(tag: string): string {
    validatePattern('tag', tag, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
      '"v1.0" (1 to 128 characters of A-Z, a-z, 0-9, "_", "." and "-", not "." or "-" first)');
    return `${this.repositoryUri}:${tag}`;
  }

  /**
   * URI of the image with a digest.
   *
   * @param digest `sha256:` and 64 hex digits
   * @throws when the text is not a valid digest
   */
  public uriForDigest(digest: string): string {
    validatePattern('digest', digest, /^sha256:[0-9a-f]{64}$/, '"sha256:" and 64 hex digits');
    return `${this.repositoryUri}@${digest}`;
  }

  /**
   * Host with FIPS-validated encryption. ECR has FIPS hosts in the Regions of the United States, including GovCloud.
   *
   * @throws when the Region is unknown at synth or has no such host
   */
  public fipsHost(): string {
    const { account, region } = this.knownEnvironment('FIPS');
    this.requireFips(region);
    return `${account}.dkr.ecr-fips.${region}.amazonaws.com`;
  }

  /**
   * Host that is reachable by IPv4 and IPv6. AWS PrivateLink does not support it.
   *
   * @throws when the Region is unknown at synth or has no such host
   */
  public dualStackHost(): string {
    return this.dualStack('dkr-ecr');
  }

  /**
   * Dual-stack host with FIPS-validated encryption.
   *
   * @throws when the Region is unknown at synth or has no such host
   */
  public dualStackFipsHost(): string {
    this.requireFips(this.knownEnvironment('dual-stack FIPS').region);
    return this.dualStack('dkr-ecr-fips');
  }

  private dualStack(service: string): string {
    const { account, region } = this.knownEnvironment('dual-stack');
    const suffix = partitionOf(region)!.dualStackSuffix;
    if (!suffix) {
      throw synthError(
        'CZ111',
        `repository ${describeRepository(this.repository)} must be in a Region with a dual-stack ECR host, got: "${region}": `
          + 'use `registryUri`',
      );
    }
    return `${account}.${service}.${region}.${suffix}`;
  }

  private requireFips(region: string): void {
    if (hasFips(region)) { return; }
    throw synthError(
      'CZ111',
      `repository ${describeRepository(this.repository)} must be in a Region of the US to have a FIPS `
        + `host, got: "${region}": use \`registryUri\``,
    );
  }

  private knownEnvironment(host: string): RegistryEnvironment {
    const environment = repositoryEnvironment(this.repository);
    if (isUnknown(environment.region)) {
      throw synthError(
        'CZ103',
        `the ${host} host of repository ${describeRepository(this.repository)} depends on the Region, `
          + 'which is unknown at synth: set `env.region` of the stack',
      );
    }
    return environment;
  }
}
