/**
 * What a template hands to the handler. CloudFormation delivers every scalar as a string, so scalars are strings here too; absent means
 * absent. A property may be added, never renamed or retyped: a cleanup Delete carries the properties of an older generation.
 */
export interface CommonProperties {
  /** ARN of the handler's function. */
  readonly ServiceToken: string;
  /** Seconds that CloudFormation waits for an answer. */
  readonly ServiceTimeout: string;
  /** Name of the SSM parameter with the `ServerBinding`. */
  readonly ServerBinding: string;
  /** The binding's URL again: it lets CloudFormation see a change; the handler compares it and uses the binding's. */
  readonly ServerUrl: string;
  /** `true`: take over an existing object of the same name. */
  readonly AdoptExisting?: string;
  /** `true`: an object that was taken over is deleted with the resource all the same. */
  readonly DeleteAdopted?: string;
  /** `true`: a Delete succeeds without the server when that is gone or refuses the API key. */
  readonly AbandonUnreachable?: string;
  /** `true`: a Delete takes the object out of stacks and components of others first. */
  readonly DetachFromStacks?: string;
  /** Any text; a change makes CloudFormation send an Update. */
  readonly RefreshToken?: string;
}

/** What the objects with a name of their own share. */
export interface NamedProperties extends CommonProperties {
  /** Explicit name. */
  readonly Name?: string;
  /** Where no name is given: the readable part of the generated one, `<prefix>-<six hex digits of the creation>`. */
  readonly NamePrefix: string;
  /** Labels of the user's own. */
  readonly Labels?: Record<string, string>;
}

/** `Custom::ZenMLServiceConnector` (connector type `aws`). */
export interface ServiceConnectorProperties extends NamedProperties {
  readonly Description?: string;
  /** ZenML's word for the method, `iam-role`, `implicit`, ... */
  readonly AuthMethod: string;
  /** `docker-registry`, `s3-bucket`, `kubernetes-cluster` or `aws-generic`. */
  readonly ResourceType: string;
  /** Registry host, bucket or cluster; absent: all of that type. */
  readonly ResourceId?: string;
  readonly Region: string;
  readonly RoleArn?: string;
  /** Session policy, JSON text. */
  readonly SessionPolicy?: string;
  /** Name of the SSM parameter with the `KeysBinding`, for methods that hold keys. */
  readonly KeysBinding?: string;
  /** Anything that changes when the keys do (an access key *id*, a version): without it CloudFormation would send no Update. */
  readonly KeysVersion?: string;
  /** Life of the credentials that the connector hands out, in seconds. */
  readonly ExpirationSeconds?: string;
  /** When the connector's own temporary keys end (ISO 8601). */
  readonly ExpiresAt?: string;
  /** `false` skips the check that the server can reach AWS with this connector. */
  readonly Verify?: string;
  /** For how long a refusal that a young role or key can cause is tried again, in seconds. */
  readonly PropagationSeconds?: string;
}

/** An object of ZenML named by exactly one of id or name. */
export interface Reference {
  readonly Id?: string;
  readonly Name?: string;
}

/** `Custom::ZenMLStackComponent`. */
export interface StackComponentProperties extends NamedProperties {
  /** ZenML's component type, `container_registry`, ... */
  readonly ComponentType: string;
  readonly Flavor: string;
  /** JSON text, so that numbers and booleans stay what they are. */
  readonly Configuration: string;
  readonly Connector?: Reference;
  /** `true`: the connector is not of this template; verify it before it is used. Its own settings are never changed. */
  readonly VerifyConnector?: string;
  readonly ConnectorResourceId?: string;
  /** Seconds, as in `ServiceConnectorProperties`. */
  readonly PropagationSeconds?: string;
  /** Repositories that the template references but does not make: they must exist, on the registry of the configuration's `uri`. */
  readonly Repositories?: RepositoryReference[];
}

export interface RepositoryReference {
  readonly Name: string;
  readonly RegistryId: string;
  readonly Region: string;
}

export interface ComponentReference extends Reference {
  readonly ComponentType: string;
}

/** `Custom::ZenMLStack`. */
export interface StackProperties extends NamedProperties {
  readonly Description?: string;
  readonly Components: ComponentReference[];
}

/** `Custom::ZenMLStackAttachment`: our component in a stack that is not ours. */
export interface StackAttachmentProperties extends CommonProperties {
  readonly Stack: Reference;
  readonly Component: ComponentReference;
  /** `true`: the same template makes the component. */
  readonly OwnComponent?: string;
  /** `false`: on delete the displaced component is not put back. */
  readonly RestorePrevious?: string;
}

/** Changing only these asks nothing of the server: they say how a later Delete (or a first Create) behaves. */
export const BEHAVIOUR_PROPERTIES: readonly string[] = [
  'ServiceToken', 'ServiceTimeout', 'AdoptExisting', 'DeleteAdopted', 'AbandonUnreachable', 'DetachFromStacks', 'OwnComponent', 'RestorePrevious', 'PropagationSeconds',
];
