import { Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { isUnknown } from '../private/known';
import { partitionOf } from '../private/partitions';
import { invalidProp, validateAccountId, validateCount, validatePattern } from '../private/validation';

/** ECR's limits (service quotas, schema of AWS::ECR::ReplicationConfiguration). */
const MAX_RULES = 10;
const MAX_DESTINATIONS = 25;
const MAX_FILTERS = 100;
const FILTER = /^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/;

/** A registry that images are replicated to. */
export interface ReplicationDestination {
  /** Region of the registry, in the partition of the source registry. */
  readonly region: string;

  /**
   * Id of the account that owns the registry. Another account must allow the replication by
   * `RegistryPolicy.allowReplicationFrom` in that Region.
   *
   * @default - the stack's account
   */
  readonly account?: string;
}

/** Which images are replicated to which registries. */
export interface ReplicationRule {
  /** The registries that images are replicated to, at least one. */
  readonly destinations: ReplicationDestination[];

  /**
   * Replicate only repositories whose names start with one of these prefixes: at most 100 prefixes of 2 to 256
   * characters (ECR's limits).
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

/** Properties of `RegistryReplication`. */
export interface RegistryReplicationProps {
  /** 1 to 10 rules with at most 25 different destinations in total (ECR's limits). */
  readonly rules: ReplicationRule[];
}

/**
 * Replicates images to other Regions and accounts when they are pushed. ECR does not replicate images that were pushed
 * before, settings, policies or deletions, and does not replicate a copy again. The construct replaces the whole
 * replication setting of the account's registry in this Region, so define it once. Deleting it stops the replication
 * and keeps the copies.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export class RegistryReplication extends Resource {
  /**
   * @throws when a limit is exceeded, or a destination is the registry itself or in another partition; at synth, when
   * the app defines replication twice
   */
  public constructor(scope: Construct, id: string, props: RegistryReplicationProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const rules = props.rules.map((rule) => ({
      destinations: rule.destinations.map((destination) => ({
        region: destination.region, registryId: destination.account ?? account,
      })),
      prefixes: rule.repositoryPrefixes,
    }));
    validateCount(
      'rules',
      rules,
      [1, MAX_RULES],
      "ECR's limit",
      'combine rules by listing several destinations in one rule',
    );
    validateDestinations(rules.flatMap((rule) => rule.destinations));
    for (const rule of rules) {
      validateCount(
        'destinations',
        rule.destinations,
        [1, MAX_DESTINATIONS],
        "ECR's limit",
        'change the destinations of the rule',
      );
      for (const destination of rule.destinations) { validateDestination(destination, account, region); }
      validatePrefixes(rule.prefixes ?? []);
    }
    const resource = new ecr.CfnReplicationConfiguration(this, 'Resource', {
      replicationConfiguration: {
        rules: rules.map(({ destinations, prefixes }) => ({
          destinations,
          repositoryFilters: prefixes?.map((filter) => ({ filter, filterType: 'PREFIX_MATCH' })),
        })),
      },
    });
    claimSetting(resource);
  }
}

/** A destination as CloudFormation expects it. */
interface Destination { readonly region: string; readonly registryId: string }

function validateDestinations(destinations: Destination[]): void {
  const unique = [...new Set(destinations.map(({ registryId, region }) => `${registryId}/${region}`))];
  validateCount(
    'rules',
    unique,
    [0, MAX_DESTINATIONS],
    "ECR's limit for different destinations of all rules",
    'remove destinations',
  );
}

function validateDestination(destination: Destination, account: string, region: string): void {
  validateAccountId('account', destination.registryId);
  validatePattern('region', destination.region, /^[0-9a-z-]{2,25}$/, '"eu-west-1"');
  if (destination.registryId === account && destination.region === region) {
    throw invalidProp('destinations', 'must not contain the source registry itself', region, 'remove this destination');
  }
  const [there, here] = [partitionOf(destination.region)?.partition, partitionOf(region)?.partition];
  if (there && here && there !== here) {
    throw invalidProp(
      'destinations',
      `must be in the partition ${here} of the source Region ${region} (ECR's limit)`,
      destination.region,
      `use a Region of ${here}`,
    );
  }
}

function validatePrefixes(prefixes: string[]): void {
  validateCount(
    'repositoryPrefixes',
    prefixes,
    [0, MAX_FILTERS],
    "ECR's limit",
    'use shorter prefixes, or several rules',
  );
  for (const prefix of prefixes) {
    if (!isUnknown(prefix) && (prefix.length < 2 || prefix.length > 256 || !FILTER.test(prefix))) {
      throw invalidProp(
        'repositoryPrefixes',
        'must be starts of repository names with 2 to 256 characters',
        prefix,
        'correct the prefix',
      );
    }
  }
}
