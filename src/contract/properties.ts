/**
 * Properties of every custom resource. CloudFormation delivers every scalar as a string, so scalars are strings here as
 * well. A property may be added, but never renamed or retyped: a cleanup Delete carries the properties of an older
 * generation.
 */
export interface CommonProperties {
  /** ARN of the registration function. */
  readonly ServiceToken: string;
  /** How long CloudFormation waits for an answer, in seconds. */
  readonly ServiceTimeout: string;
  /** Name of the SSM parameter that holds the `ServerBinding`. */
  readonly ServerBinding: string;
  /**
   * URL of the binding, so that CloudFormation detects a change. The handler compares it with the binding and uses the
   * binding's URL.
   */
  readonly ServerUrl: string;
  /** `true`: adopt an existing object with the same name. */
  readonly AdoptExisting?: string;
  /** `true`: delete an adopted object when the resource is deleted. */
  readonly DeleteAdopted?: string;
  /** `true`: a Delete succeeds when the server does not answer or refuses the API key. */
  readonly AbandonUnreachable?: string;
  /**
   * `true`: a Delete first removes the object from ZenML stacks and components that this CloudFormation stack does not
   * own.
   */
  readonly DetachFromStacks?: string;
  /** An arbitrary value; a change makes CloudFormation send an Update. */
  readonly RefreshToken?: string;
}

/** Properties of the objects that have a name. */
export interface NamedProperties extends CommonProperties {
  /** Explicit name of the object. */
  readonly Name?: string;
  /** Readable part of the generated name, `<prefix>-<six hex digits of the Create>`; used without `Name`. */
  readonly NamePrefix: string;
  /** The user's labels. */
  readonly Labels?: Record<string, string>;
}

/** `Custom::ZenMLServiceConnector` (connector type `aws`). */
export interface ServiceConnectorProperties extends NamedProperties {
  readonly Description?: string;
  /** ZenML's name of the authentication method: `iam-role`, `implicit`, ... */
  readonly AuthMethod: string;
  /** `docker-registry`, `s3-bucket`, `kubernetes-cluster` or `aws-generic`. */
  readonly ResourceType: string;
  /** Registry host, bucket or cluster; absent: all resources of the type. */
  readonly ResourceId?: string;
  readonly Region: string;
  readonly RoleArn?: string;
  /** Session policy, JSON text. */
  readonly SessionPolicy?: string;
  /** Name of the SSM parameter that holds the `KeysBinding`, for methods that store keys. */
  readonly KeysBinding?: string;
  /** A value that changes with the keys (an access key *id*, a version), so that CloudFormation sends an Update. */
  readonly KeysVersion?: string;
  /** Lifetime of the credentials that the connector issues, in seconds. */
  readonly ExpirationSeconds?: string;
  /** When the connector's temporary keys expire (ISO 8601). */
  readonly ExpiresAt?: string;
  /** `false`: do not verify that the server reaches AWS with this connector. */
  readonly Verify?: string;
  /** How long to retry a refusal that a new role, key or policy can cause, in seconds. */
  readonly PropagationSeconds?: string;
}

/** Refers to an object in ZenML by exactly one of id and name. */
export interface Reference {
  readonly Id?: string;
  readonly Name?: string;
}

/** What ZenML sets in the environment of steps that run on a component or stack. */
export interface RuntimeProperties {
  /** Environment variables. */
  readonly Environment?: Record<string, string>;
  /** Names of secrets in ZenML, whose values ZenML sets as environment variables. */
  readonly Secrets?: string[];
}

/** `Custom::ZenMLStackComponent`. */
export interface StackComponentProperties extends NamedProperties, RuntimeProperties {
  /** ZenML's component type, `container_registry`, ... */
  readonly ComponentType: string;
  readonly Flavor: string;
  /** JSON text, so that numbers and booleans keep their types. */
  readonly Configuration: string;
  readonly Connector?: Reference;
  /**
   * `true`: this app does not define the connector. The handler verifies the connector before the component uses it,
   * and never changes it.
   */
  readonly VerifyConnector?: string;
  readonly ConnectorResourceId?: string;
  /** How long to retry a refusal that a new role, key or policy can cause, in seconds. */
  readonly PropagationSeconds?: string;
  /**
   * Repositories that the template references but does not create. They must exist in the registry that `uri` in the
   * configuration names.
   */
  readonly Repositories?: RepositoryReference[];
  /** Repositories that the connector's Docker credentials must be able to push to and pull from. */
  readonly ProveRepositories?: ProvedRepository[];
}

/** Number of repositories for which a deploy proves push and pull, at most. */
export const MAX_PROVED_REPOSITORIES = 20;

/** A repository for which a deploy proves push and pull. */
export interface ProvedRepository {
  readonly Name: string;
  /** `true`: the first push can create the repository, so the repository may be missing at the deploy. */
  readonly MayBeMissing?: string;
}

/** A repository that the template references but does not create. */
export interface RepositoryReference {
  readonly Name: string;
  readonly RegistryId: string;
  readonly Region: string;
}

/** Refers to a stack component in ZenML, whose name is unique within its type. */
export interface ComponentReference extends Reference {
  readonly ComponentType: string;
}

/** `Custom::ZenMLStack`. */
export interface StackProperties extends NamedProperties, RuntimeProperties {
  readonly Description?: string;
  readonly Components: ComponentReference[];
}

/** `Custom::ZenMLStackAttachment`: a component in a ZenML stack that this app does not define. */
export interface StackAttachmentProperties extends CommonProperties {
  readonly Stack: Reference;
  readonly Component: ComponentReference;
  /** `true`: the same template creates the component. */
  readonly OwnComponent?: string;
  /** `false`: a Delete does not restore the displaced component. */
  readonly RestorePrevious?: string;
}

/**
 * Properties that only control how a later Delete, or the first Create, behaves. An Update that changes only these
 * properties does not call the server.
 */
export const BEHAVIOUR_PROPERTIES: readonly string[] = [
  'ServiceToken',
  'ServiceTimeout',
  'AdoptExisting',
  'DeleteAdopted',
  'AbandonUnreachable',
  'DetachFromStacks',
  'OwnComponent',
  'RestorePrevious',
  'PropagationSeconds',
];

/**
 * Properties that the handler only checks. An Update that changes only these properties does not write the object in
 * ZenML. `Repositories` is not one of them: its check ends with an ordinary error, which an Update of an object that is
 * as wanted would forgive.
 */
export const CHECK_PROPERTIES: readonly string[] = ['ProveRepositories'];
