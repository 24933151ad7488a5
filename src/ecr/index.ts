// The everyday half of ECR. Functions of these files that are not listed here are for the library's own use.
export { MutableTags } from './exclusion-filters';
export { ImageEncryption } from './image-encryption';
export { ImageLifecyclePolicy } from './lifecycle-policy';
export { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
export { RepositoryPrincipal } from './principals';
export { PrivateRepository, PrivateRepositoryProps } from './private-repository';
export { RepositoryAccess } from './repository-access';
export { RepositoryDefaults, RepositoryOptions } from './repository-options';
