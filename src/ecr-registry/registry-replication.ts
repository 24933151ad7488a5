import { Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { isUnknown } from '../private/known';
import { partitionOf } from '../private/partitions';

/** Limits of ECR (service quotas, schema of AWS::ECR::ReplicationConfiguration). */
const MAX_RULES = 10;
const MAX_DESTINATIONS = 25;
const MAX_FILTERS = 100;
const FILTER = /^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/;

/** A registry to copy images to. */
export interface ReplicationDestination {
  /** Region of the registry, in the same partition. */
  readonly region: string;

  /**
   * Account that owns the registry. Another account must let this one in, by `RegistryPolicy.allowReplicationFrom` in its Region.
   *
   * @default - the stack's own account
   */
  readonly account?: string;
}

/** Which images are copied where. */
export interface ReplicationRule {
  /** Where to. */
  readonly destinations: ReplicationDestination[];

  /**
   * Only repositories whose names start with one of these: 2 to 256 characters each, at most 100.
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

/** Properties of `RegistryReplication`. */
export interface RegistryReplicationProps {
  /** At most 10 rules with at most 25 different destinations in all. */
  readonly rules: ReplicationRule[];
}

/**
 * Copies images to other Regions and accounts as they are pushed: what is there already is not copied, nor are settings, policies or deletions,
 * and a copy is not copied on. It replaces the whole replication setting of the account's registry in this Region: define it once. Deleting it
 * stops the copying and leaves the copies.
 */
export class RegistryReplication extends Resource {
  /**
   * @throws when a limit is exceeded, a destination is the registry itself or in another partition, or the app sets replication twice
   */
  public constructor(scope: Construct, id: string, props: RegistryReplicationProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const rules = props.rules.map((rule) => ({
      ...rule, destinations: rule.destinations.map((destination) => ({ region: destination.region, registryId: destination.account ?? account })),
    }));
    if (rules.length < 1 || rules.length > MAX_RULES) { throw new Error(`\`rules\`: ECR takes 1 to ${MAX_RULES}, got ${rules.length}`); }
    const unique = new Set(rules.flatMap((rule) => rule.destinations.map((destination) => `${destination.registryId}/${destination.region}`)));
    if (unique.size > MAX_DESTINATIONS) {
      throw new Error(`\`rules\`: ECR takes at most ${MAX_DESTINATIONS} different destinations over all rules, got ${unique.size}`);
    }
    for (const rule of rules) {
      if (rule.destinations.length === 0) { throw new Error('`destinations` needs at least one registry'); }
      for (const destination of rule.destinations) { assertDestination(destination, account, region); }
      assertPrefixes(rule.repositoryPrefixes ?? []);
    }
    const resource = new ecr.CfnReplicationConfiguration(this, 'Resource', {
      replicationConfiguration: {
        rules: rules.map((rule) => ({
          destinations: rule.destinations,
          repositoryFilters: rule.repositoryPrefixes?.map((filter) => ({ filter, filterType: 'PREFIX_MATCH' })),
        })),
      },
    });
    assertSingleOwner(resource);
  }
}

function assertDestination(destination: { region: string; registryId: string }, account: string, region: string): void {
  if (!isUnknown(destination.registryId) && !/^\d{12}$/.test(destination.registryId)) {
    throw new Error(`\`account\`: an account id has 12 digits, got ${JSON.stringify(destination.registryId)}`);
  }
  if (!isUnknown(destination.region) && !/^[0-9a-z-]{2,25}$/.test(destination.region)) {
    throw new Error(`\`region\` looks like eu-west-1, got ${JSON.stringify(destination.region)}`);
  }
  if (destination.registryId === account && destination.region === region) {
    throw new Error(`\`destinations\`: a registry cannot be copied to itself, got ${region}; drop this destination`);
  }
  const [there, here] = [partitionOf(destination.region)?.partition, partitionOf(region)?.partition];
  if (there && here && there !== here) {
    throw new Error(`\`destinations\`: ECR copies within one partition only, got ${destination.region} (${there}) from ${region} (${here})`);
  }
}

function assertPrefixes(prefixes: string[]): void {
  if (prefixes.length > MAX_FILTERS) { throw new Error(`\`repositoryPrefixes\`: ECR takes at most ${MAX_FILTERS} for one rule, got ${prefixes.length}`); }
  for (const prefix of prefixes) {
    if (!isUnknown(prefix) && (prefix.length < 2 || prefix.length > 256 || !FILTER.test(prefix))) {
      throw new Error(`\`repositoryPrefixes\`: a prefix is the start of a repository name, 2 to 256 characters, got ${JSON.stringify(prefix)}`);
    }
  }
}
