export * from './container-registry';
export * from './container-registry-props';
export * from './ecr';
export * as ecr_registry from './ecr-registry';
export * from './registry-access';
export * from './zenml';
