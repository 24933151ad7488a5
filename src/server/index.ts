export * from './certificate-authority';
export * from './registration-options';
export * from './server';
export * from './server-options';
