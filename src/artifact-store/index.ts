export * from './s3-artifact-store';
export * from './s3-artifact-store-props';
