import { Aws, CfnResource, Fn, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { REGISTRY_HOST } from '../contract/rules';
import { isLookupDummy, isUnknown } from '../private/known';
import { partitionOf } from '../private/partitions';

/** Where a repository lives: values, or tokens that name the repository's own account and Region. */
export interface RepositoryEnvironment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** The CloudFormation resource behind a repository that some stack of this app makes; undefined for a referenced one. */
export function cfnRepositoryOf(repository: ecr.IRepository): ecr.CfnRepository | undefined {
  const child = repository.node.defaultChild;
  // By type name and not by class: users may have more than one copy of aws-cdk-lib.
  if (!child || !CfnResource.isCfnResource(child) || child.cfnResourceType !== ecr.CfnRepository.CFN_RESOURCE_TYPE_NAME) { return undefined; }
  return child as ecr.CfnRepository;
}

/**
 * The same, and also the resource of a repository that is referenced by the name or ARN of one that the app makes, by its L1 class for example
 * (`Repository.fromRepositoryName(..., cfnRepository.ref)`).
 */
export function cfnRepositoryBehind(repository: ecr.IRepository): ecr.CfnRepository | undefined {
  const made = cfnRepositoryOf(repository);
  if (made) { return made; }
  const targets = [repository.repositoryName, repository.repositoryArn]
    .flatMap((text) => Tokenization.reverseString(text).tokens)
    .flatMap((token) => (Reference.isReference(token) ? [token.target] : []));
  return targets.find((target): target is ecr.CfnRepository => CfnResource.isCfnResource(target)
    && target.cfnResourceType === ecr.CfnRepository.CFN_RESOURCE_TYPE_NAME);
}

/** A name for messages: the literal repository name if there is one, else the construct path. */
export function describeRepository(repository: ecr.IRepository): string {
  return isUnknown(repository.repositoryName) ? repository.node.path : repository.repositoryName;
}

/**
 * The repository's own environment, not the one of the stack that asks.
 *
 * A referenced repository's ARN is the authority: `fromRepositoryAttributes` leaves `env` at the stack's.
 */
export function repositoryEnvironment(repository: ecr.IRepository): RepositoryEnvironment {
  if (cfnRepositoryOf(repository)) {
    return { partition: repository.stack.partition, region: repository.env.region, account: repository.env.account };
  }
  const arn = repository.repositoryArn;
  // The stand-in of a look-up names another account and Region; the look-up itself is made in the stack's own.
  if (isLookupDummy(arn)) { return repository.stack; }
  const parts = arn.startsWith('arn:') ? arn.split(':') : [];
  if (parts.length >= 6) {
    // Tokens in the text (`arn:${Token[AWS.Partition.1]}:ecr:...`) contain no colon, so the known parts stay known.
    const [, partition, , region, account] = parts as [string, string, string, string, string];
    return { partition: partitionOf(region)?.partition ?? partition, region, account };
  }
  return { partition: Fn.select(1, Fn.split(':', arn)), region: Fn.select(3, Fn.split(':', arn)), account: Fn.select(4, Fn.split(':', arn)) };
}

/**
 * Host of the registry that holds the repository, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
 *
 * aws-cdk's `registryUri` takes the domain from whichever stack uses it; this takes it from the repository: for one that this app makes,
 * from the `RepositoryUri` that ECR itself reports, else from the repository's Region.
 */
export function registryHost(repository: ecr.IRepository, scope: IConstruct): string {
  const cfn = cfnRepositoryOf(repository);
  const { account, region } = repositoryEnvironment(repository);
  // In an environment that differs or may differ aws-cdk refuses the reference with a message of its own, unless both are known.
  const known = !isUnknown(account) && !isUnknown(region);
  if (cfn && (!known || sameEnvironment(repository.stack, Stack.of(scope)))) { return Fn.select(0, Fn.split('/', cfn.attrRepositoryUri)); }
  // A Region that only CloudFormation knows is in the consumer's partition: no identity reaches into another one.
  return `${account}.dkr.ecr.${region}.${partitionOf(region)?.urlSuffix ?? Aws.URL_SUFFIX}`;
}

/**
 * Throws when the Region is known and ZenML cannot use its registries: ZenML accepts only `<account>.dkr.ecr.<region>.amazonaws.com`,
 * and so neither China, the European Sovereign Cloud nor the ISO partitions.
 *
 * @param scope names the construct in the message
 * @param region Region, or a token (nothing is checked then; the handler checks the same again at deploy time)
 */
export function checkZenmlHost(scope: IConstruct, region: string): void {
  const facts = partitionOf(region);
  if (!facts || facts.urlSuffix === 'amazonaws.com') { return; }
  throw new Error(`${scope.node.path}: ZenML works with registries under amazonaws.com only, got Region ${region} (${facts.partition}, `
    + `${facts.urlSuffix}); put the repositories in a Region of the aws or aws-us-gov partition`);
}

/** The same check for a host that is written out: also refuses dual-stack and FIPS hosts, paths, tags and `https://`. */
export function checkZenmlRegistryUri(scope: IConstruct, uri: string): void {
  if (isUnknown(uri) || REGISTRY_HOST.test(uri)) { return; }
  throw new Error(`${scope.node.path}: ZenML takes a registry URI of the form <account>.dkr.ecr.<region>.amazonaws.com `
    + `(no https://, no repository, no dual-stack or FIPS host), got ${JSON.stringify(uri)}`);
}

function sameEnvironment(one: Stack, other: Stack): boolean {
  return one === other || (one.account === other.account && one.region === other.region);
}
