// Settings of a whole registry, which exists once per account and Region. `export *`, because jsii does not find the
// structs of named re-exports in a submodule.
export * from './creation-template-props';
export * from './pull-through-cache-rule';
export * from './pull-time-exclusion';
export * from './registry-account-settings';
export * from './registry-policy';
export * from './registry-replication';
export * from './registry-scanning';
export * from './registry-signing';
export * from './repository-creation-template';
export * from './upstream-registry';
