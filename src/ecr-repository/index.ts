// Repositories, also for users without ZenML. `export *`, because jsii does not find the structs of named re-exports in
// a submodule. Internal functions are in files that are not listed here.
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
