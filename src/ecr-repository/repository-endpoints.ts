import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { describeRepository, registryHost, repositoryEnvironment } from './registry-host';
import { isUnknown } from '../private/known';
import { hasFips, partitionOf } from '../private/partitions';

/**
 * The addresses of a repository, taken from its own account, Region and partition and not, as aws-cdk's `repositoryUri` does, from the
 * stack that asks.
 *
 * The FIPS and dual-stack hosts are for tools that you point at them; ZenML takes only the ordinary one. `docker login` is for one host: log in to
 * the one that you use.
 */
export class RepositoryEndpoints {
  /**
   * The addresses of a repository, as seen from a stack.
   *
   * @param scope any construct of the stack that uses the addresses
   * @param repository made in this app or referenced
   */
  public static of(scope: IConstruct, repository: ecr.IRepository): RepositoryEndpoints {
    return new RepositoryEndpoints(scope, repository);
  }

  /** Host of the registry, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  public readonly registryUri: string;

  /** Host and repository, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com/models`. */
  public readonly repositoryUri: string;

  /** Command that logs Docker in to the registry with the caller's own AWS credentials; the login is good for 12 hours. */
  public readonly dockerLoginCommand: string;

  private constructor(scope: IConstruct, private readonly repository: ecr.IRepository) {
    this.registryUri = registryHost(repository, scope);
    this.repositoryUri = `${this.registryUri}/${repository.repositoryName}`;
    this.dockerLoginCommand = `aws ecr get-login-password --region ${repositoryEnvironment(repository).region}`
      + ` | docker login --username AWS --password-stdin ${this.registryUri}`;
  }

  /**
   * Address of one tag.
   *
   * @throws when the text is no tag
   */
  public uriForTag(tag: string): string {
    if (!isUnknown(tag) && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) {
      throw new Error(`a tag has 1 to 128 characters of A-Z, a-z, 0-9, "_", "." and "-" and starts with no "." or "-", got ${JSON.stringify(tag)}`);
    }
    return `${this.repositoryUri}:${tag}`;
  }

  /**
   * Address of one image by digest.
   *
   * @param digest `sha256:` and 64 hex digits
   * @throws when the text is no digest
   */
  public uriForDigest(digest: string): string {
    if (!isUnknown(digest) && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw new Error(`a digest is "sha256:" and 64 hex digits, got ${JSON.stringify(digest)}`);
    }
    return `${this.repositoryUri}@${digest}`;
  }

  /**
   * Host with FIPS-validated encryption, in the Regions of the US, GovCloud included.
   *
   * @throws when the Region is unknown at synth or has none
   */
  public fipsHost(): string {
    const { account, region } = this.knownEnvironment('FIPS');
    this.assertFips(region);
    return `${account}.dkr.ecr-fips.${region}.amazonaws.com`;
  }

  /**
   * Host that answers on IPv4 and IPv6. Not reachable through AWS PrivateLink.
   *
   * @throws when the Region is unknown at synth or has none
   */
  public dualStackHost(): string {
    return this.dualStack('dkr-ecr');
  }

  /**
   * Dual-stack host with FIPS-validated encryption.
   *
   * @throws when the Region is unknown at synth or has none
   */
  public dualStackFipsHost(): string {
    this.assertFips(this.knownEnvironment('dual-stack FIPS').region);
    return this.dualStack('dkr-ecr-fips');
  }

  private dualStack(service: string): string {
    const { account, region } = this.knownEnvironment('dual-stack');
    const suffix = partitionOf(region)!.dualStackSuffix;
    if (!suffix) { throw new Error(`${describeRepository(this.repository)}: AWS publishes no dual-stack ECR host for ${region}`); }
    return `${account}.${service}.${region}.${suffix}`;
  }

  private assertFips(region: string): void {
    if (hasFips(region)) { return; }
    throw new Error(`${describeRepository(this.repository)}: ECR has FIPS hosts in the Regions of the US, got ${region}`);
  }

  private knownEnvironment(what: string): { account: string; region: string } {
    const environment = repositoryEnvironment(this.repository);
    if (isUnknown(environment.region)) {
      throw new Error(`${describeRepository(this.repository)}: the ${what} host depends on the Region, which is unknown at synth; `
        + 'give the stack an env with a region');
    }
    return environment;
  }
}
