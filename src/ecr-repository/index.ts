// Repositories, for those who have no ZenML as well. `export *`, because jsii does not find structs of named re-exports in a submodule: what is
// for the library's own use stands in files that are not listed here.
export * from './image-encryption';
export * from './lifecycle-policy';
export * from './lifecycle-presets';
export * from './lifecycle-rule';
export * from './mutable-tags';
export * from './private-repositories';
export * from './private-repository';
export * from './repository-access';
export * from './repository-endpoints';
export * from './repository-grants';
export * from './repository-options';
export * from './repository-outputs';
export * from './repository-presets';
export * from './repository-principal';
