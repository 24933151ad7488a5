export * from './container-registry';
export * from './ecr';
export * from './registry-access';
export * from './zenml';
