export * from './orchestrator';
export * from './orchestrator-props';
export * from './runtime';
export * from './runtime-props';
export * from './step-operator';
export * from './step-operator-props';
