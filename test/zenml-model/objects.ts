/** What the model keeps per object, in ZenML's own words. */
export interface User {
  readonly id: string;
  readonly name: string;
}

export interface Connector {
  readonly id: string;
  readonly userId: string;
  name: string;
  connectorType: string;
  authMethod: string;
  resourceTypes: string[];
  resourceId: string | null;
  /** Secrets included, as the server holds them. */
  configuration: Record<string, unknown>;
  labels: Record<string, string>;
  description: string;
  expirationSeconds: number | null;
  expiresAt: string | null;
  expiresSkewTolerance: number | null;
  readonly created: string;
  updated: string;
}

/** Of components and stacks. */
export interface RuntimeSettings {
  environment: Record<string, string>;
  /** Ids. */
  secrets: string[];
}

export interface Secret {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly private: boolean;
  readonly values: Record<string, string>;
  readonly created: string;
  readonly updated: string;
}

export interface Component extends RuntimeSettings {
  readonly id: string;
  /** null on ZenML's own default objects. */
  readonly userId: string | null;
  readonly type: string;
  readonly flavor: string;
  name: string;
  configuration: Record<string, unknown>;
  labels: Record<string, unknown> | null;
  connector: string | null;
  connectorResourceId: string | null;
  readonly created: string;
  updated: string;
}

export interface Stack extends RuntimeSettings {
  readonly id: string;
  readonly userId: string | null;
  name: string;
  description: string | null;
  components: Record<string, string[]>;
  labels: Record<string, unknown> | null;
  readonly created: string;
  updated: string;
}

export interface Tables {
  readonly connectors: Map<string, Connector>;
  readonly components: Map<string, Component>;
  readonly stacks: Map<string, Stack>;
  readonly secrets: Map<string, Secret>;
  readonly users: Map<string, User>;
}

/** What one request knows: the tables, who asks, and what the model may use of the outside. */
export interface Call {
  readonly tables: Tables;
  readonly user: User;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly now: () => string;
  readonly newId: () => string;
  readonly visible: (id: string) => boolean;
  readonly verifyWithAws: (
    configuration: Readonly<Record<string, unknown>>,
    method: string,
    connectorId?: string,
  ) => string;
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
