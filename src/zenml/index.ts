export * from './authentication';
export * from './component-type';
export * from './compute-connector-options';
export * from './connector-resource';
export * from './service-connector';
export * from './stack-component';
export * from './zenml-stack';
export * from './zenml-stack-attachment';
export { ConnectorUser, ConnectorUserProps } from '../iam/connector-user';
