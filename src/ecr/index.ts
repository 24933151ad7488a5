// The everyday half of ECR. Functions of these files that are not listed here are for the library's own use.
export { MutableTags } from './exclusion-filters';
export { ImageEncryption } from './image-encryption';
export { ImageLifecyclePolicy } from './lifecycle-policy';
export { ArchiveUnpulledOptions, LifecyclePresets } from './lifecycle-presets';
export { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
export { RepositoryPrincipal } from './principals';
export { PrivateRepositories, PrivateRepositoriesProps } from './private-repositories';
export { PrivateRepository, PrivateRepositoryProps } from './private-repository';
export { RepositoryAccess } from './repository-access';
export { RepositoryEndpoints } from './repository-endpoints';
export { RepositoryGrants } from './repository-grants';
export { RepositoryDefaults, RepositoryOptions } from './repository-options';
export { RepositoryOutputs, RepositoryOutputsProps } from './repository-outputs';
export { RepositoryPresets } from './repository-presets';
