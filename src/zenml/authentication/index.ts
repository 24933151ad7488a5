export * from './connector-authentication';
export * from './options';
