export * from './container-registry';
export * from './container-registry-props';
export * as ecr_registry from './ecr-registry';
export * as ecr_repository from './ecr-repository';
export * from './registry-authentication';
export * from './zenml';
