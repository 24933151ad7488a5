export * from './build-image';
export * from './codebuild';
export * from './codebuild-props';
