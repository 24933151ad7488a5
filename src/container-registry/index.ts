export * from './container-registry';
export * from './container-registry-props';
export * from './health-check';
export * from './health-check-options';
export * from './registry-authentication';
