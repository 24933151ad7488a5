export * from './artifact-store-choice';
export * from './aws-zenml-stack';
export * from './aws-zenml-stack-props';
export * from './container-registry-choice';
export * from './image-builder-choice';
export * from './orchestrator-choice';
export * from './step-operator-choice';
