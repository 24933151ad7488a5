import { Aws, CfnResource, Fn, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { RegistryEnvironment } from './repository-arns';
import { isLookupDummy, isUnknown } from '../private/known';
import { partitionOf } from '../private/partitions';
import { synthError } from '../private/synth-error';

/** The domain of the only registries that ZenML accepts. */
const ZENML_SUFFIX = 'amazonaws.com';

/** The CloudFormation resource of a repository that this app defines; undefined for an imported repository. */
export function cfnRepositoryOf(repository: ecr.IRepository): ecr.CfnRepository | undefined {
  const child = repository.node.defaultChild;
  // By type name and not by class, because an app can contain several copies of aws-cdk-lib.
  return child && isCfnRepository(child) ? child : undefined;
}

/**
 * The CloudFormation resource of a repository that this app defines, or that this app imports by a reference to the
 * name or ARN of a resource in the app (`Repository.fromRepositoryName(..., cfnRepository.ref)`).
 */
export function cfnRepositoryBehind(repository: ecr.IRepository): ecr.CfnRepository | undefined {
  const defined = cfnRepositoryOf(repository);
  if (defined) { return defined; }
  const targets = [repository.repositoryName, repository.repositoryArn]
    .flatMap((text) => Tokenization.reverseString(text).tokens)
    .flatMap((token) => (Reference.isReference(token) ? [token.target] : []));
  return targets.find(isCfnRepository);
}

function isCfnRepository(construct: IConstruct): construct is ecr.CfnRepository {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === ecr.CfnRepository.CFN_RESOURCE_TYPE_NAME;
}

/** The name of the repository, also through a reference to its resource; undefined if it is unknown at synth. */
export function knownRepositoryName(repository: ecr.IRepository): string | undefined {
  const name = cfnRepositoryBehind(repository)?.repositoryName ?? repository.repositoryName;
  return isUnknown(name) ? undefined : name;
}

/** The repository as messages name it: its name if known at synth, else its construct path. */
export function describeRepository(repository: ecr.IRepository): string {
  return isUnknown(repository.repositoryName) ? repository.node.path : repository.repositoryName;
}

/**
 * Account and Region of the repository, as values or as tokens.
 *
 * For an imported repository they come from its ARN, because `fromRepositoryAttributes` sets `env` to the environment
 * of the stack.
 */
export function repositoryEnvironment(repository: ecr.IRepository): RegistryEnvironment {
  if (cfnRepositoryOf(repository)) { return { region: repository.env.region, account: repository.env.account }; }
  const arn = repository.repositoryArn;
  // The placeholder of a context look-up contains another account and Region. The look-up itself uses those of the
  // stack.
  if (isLookupDummy(arn)) { return repository.stack; }
  const parts = arn.startsWith('arn:') ? arn.split(':') : [];
  if (parts.length >= 6) {
    // Tokens in the text (`arn:${Token[AWS.Partition.1]}:ecr:...`) contain no colon, so the known parts are found.
    return { region: parts[3]!, account: parts[4]! };
  }
  return { region: Fn.select(3, Fn.split(':', arn)), account: Fn.select(4, Fn.split(':', arn)) };
}

/**
 * Host of the registry that holds the repository, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
 *
 * aws-cdk's `registryUri` uses the domain of the stack that calls it. This function uses the domain of the repository:
 * from the attribute `RepositoryUri` for a repository that this app defines, else from the repository's Region.
 */
export function registryHost(repository: ecr.IRepository, scope: IConstruct): string {
  const cfn = cfnRepositoryOf(repository);
  const { account, region } = repositoryEnvironment(repository);
  // Where the environments differ or can differ, aws-cdk refuses the reference with its own message, unless both are
  // known.
  const known = !isUnknown(account) && !isUnknown(region);
  if (cfn && (!known || sameEnvironment(repository.stack, Stack.of(scope)))) {
    return Fn.select(0, Fn.split('/', cfn.attrRepositoryUri));
  }
  // A Region that is unknown at synth is in the stack's partition, because identities do not work across partitions.
  return `${account}.dkr.ecr.${region}.${partitionOf(region)?.urlSuffix ?? Aws.URL_SUFFIX}`;
}

/** URI of the repository: host of the registry and name of the repository. */
export function repositoryUri(registryUri: string, repository: ecr.IRepository): string {
  return `${registryUri}/${repository.repositoryName}`;
}

/** Shell command that logs Docker in to the registry with the caller's AWS credentials. */
export function dockerLoginCommand(registryUri: string, region: string): string {
  return `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registryUri}`;
}

/**
 * Throws when ZenML cannot use registries in the Region. ZenML accepts only `<account>.dkr.ecr.<region>.amazonaws.com`,
 * which excludes China, the European Sovereign Cloud and the ISO partitions. Does not check a Region that is unknown at
 * synth; the handler checks it at deploy time.
 */
export function requireZenmlRegion(scope: IConstruct, region: string): void {
  const facts = partitionOf(region);
  if (!facts || facts.urlSuffix === ZENML_SUFFIX) { return; }
  throw synthError(
    'CZ111',
    `the repositories of ${scope.node.path} must be in a Region whose registries are under ${ZENML_SUFFIX} (ZenML's limit), `
      + `got: "${region}" (${facts.partition}, ${facts.urlSuffix}): use a Region of the partition aws or aws-us-gov`,
  );
}

function sameEnvironment(one: Stack, other: Stack): boolean {
  return one === other || (one.account === other.account && one.region === other.region);
}
