export * from './container-registry';
export * from './container-registry-props';
export * from './registry-authentication';
