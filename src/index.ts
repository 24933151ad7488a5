export * from './artifact-store';
export * from './aws-stack';
export * from './container-registry';
export * as ecr_registry from './ecr-registry';
export * as ecr_repository from './ecr-repository';
export * from './image-builder';
export * from './sagemaker';
export * from './server';
export * from './zenml';
