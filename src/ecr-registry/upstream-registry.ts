import { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { startsOtherwise } from '../private/known';
import { partitionOf } from '../private/partitions';
import { synthError } from '../private/synth-error';
import { validateAccountId, validatePattern } from '../private/validation';

/** ECR reads the credentials of an upstream registry only from secrets whose names start with this prefix. */
const SECRET_PREFIX = 'ecr-pullthroughcache/';

/** Options of `UpstreamRegistry.privateEcr`. */
export interface PrivateEcrUpstreamOptions {
  /** Id of the account that owns the upstream registry. */
  readonly account: string;

  /** Region of the upstream registry. */
  readonly region: string;

  /**
   * Role that ECR assumes to read the upstream.
   *
   * @default - a new role with rights on the repositories of the upstream and of the cache
   */
  readonly role?: iam.IRole;
}

/**
 * A registry whose images ECR can cache. For a registry that requires a login, a secret in the stack's account and
 * Region holds the credentials: a JSON object with `username` and `accessToken`, in a secret named
 * `ecr-pullthroughcache/...` (ECR's rule).
 */
export class UpstreamRegistry {
  /**
   * Docker Hub.
   *
   * @param credentials secret with the user name and access token of a Docker account
   * @throws when the name of the secret does not start with `ecr-pullthroughcache/`
   */
  public static dockerHub(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('docker-hub', 'registry-1.docker.io', credentials);
  }

  /**
   * GitHub's registry, ghcr.io.
   *
   * @param credentials secret with a user name and a token
   * @throws when the name of the secret does not start with `ecr-pullthroughcache/`
   */
  public static gitHub(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('github-container-registry', 'ghcr.io', credentials);
  }

  /**
   * The registry of GitLab.com.
   *
   * @param credentials secret with a user name and a token
   * @throws when the name of the secret does not start with `ecr-pullthroughcache/`
   */
  public static gitLab(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('gitlab-container-registry', 'registry.gitlab.com', credentials);
  }

  /**
   * A registry on Azure.
   *
   * @param registryName the part before `.azurecr.io`, 5 to 50 letters and digits
   * @param credentials secret with a user name and a token
   * @throws when the registry name is invalid, or the name of the secret does not start with `ecr-pullthroughcache/`
   */
  public static azure(registryName: string, credentials: secretsmanager.ISecret): UpstreamRegistry {
    validatePattern('registryName', registryName, /^[a-zA-Z0-9]{5,50}$/, '"myregistry" (5 to 50 letters and digits, '
      + 'the part before ".azurecr.io")');
    return new UpstreamRegistry('azure-container-registry', `${registryName}.azurecr.io`, credentials);
  }

  /**
   * Chainguard's registry, cgr.dev.
   *
   * @param credentials secret with a pull token
   * @throws when the name of the secret does not start with `ecr-pullthroughcache/`
   */
  public static chainguard(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('chainguard', 'cgr.dev', credentials);
  }

  /** Amazon ECR Public, public.ecr.aws. */
  public static ecrPublic(): UpstreamRegistry {
    return new UpstreamRegistry('ecr-public', 'public.ecr.aws');
  }

  /** Public images of Quay, quay.io. */
  public static quay(): UpstreamRegistry {
    return new UpstreamRegistry('quay', 'quay.io');
  }

  /** The registry of the Kubernetes project, registry.k8s.io. */
  public static kubernetes(): UpstreamRegistry {
    return new UpstreamRegistry('k8s', 'registry.k8s.io');
  }

  /**
   * Another private ECR registry in the stack's partition. The owner of an upstream in another account must allow the
   * stack's account to read it (`RegistryPolicy.allowPullThroughFrom`).
   *
   * @throws when the account id does not have 12 digits
   */
  public static privateEcr(options: PrivateEcrUpstreamOptions): UpstreamRegistry {
    validateAccountId('account', options.account);
    const suffix = partitionOf(options.region)?.urlSuffix ?? 'amazonaws.com';
    return new UpstreamRegistry('ecr', `${options.account}.dkr.ecr.${options.region}.${suffix}`, undefined, options);
  }

  /**
   * @param upstreamName ECR's name of the upstream registry
   * @param _url host of the upstream
   * @param _credentials secret with the credentials
   * @param _ecrUpstream options of another private ECR registry
   */
  private constructor(
    /** ECR's name of the upstream registry, such as `docker-hub`. */
    public readonly upstreamName: string,
    /** @internal */
    public readonly _url: string,
    /** @internal */
    public readonly _credentials?: secretsmanager.ISecret,
    /** @internal */
    public readonly _ecrUpstream?: PrivateEcrUpstreamOptions,
  ) {
    if (_credentials) { validateSecretName(upstreamName, _credentials); }
  }
}

function validateSecretName(upstream: string, secret: secretsmanager.ISecret): void {
  const name = knownName(secret);
  if (name === undefined || (name !== '' && !startsOtherwise(name, SECRET_PREFIX))) { return; }
  const got = name === '' ? 'a secret without a name, for which CloudFormation generates one' : JSON.stringify(name);
  throw synthError(
    'CZ100',
    `\`credentials\` of ${upstream} must be a secret whose name starts with "${SECRET_PREFIX}" (ECR's rule), got: ${got}: `
      + `name the secret for example "${SECRET_PREFIX}${upstream}"`,
  );
}

/** The name of the secret; empty if CloudFormation generates it, a token if it is unknown at synth. */
function knownName(secret: secretsmanager.ISecret): string | undefined {
  const child = secret.node.defaultChild;
  const secretType = secretsmanager.CfnSecret.CFN_RESOURCE_TYPE_NAME;
  if (child && CfnResource.isCfnResource(child) && child.cfnResourceType === secretType) {
    const { name } = child as secretsmanager.CfnSecret;
    const resolved: unknown = Stack.of(secret).resolve(name);
    if (resolved === undefined) { return ''; }
    return name;
  }
  return secret.secretName;
}
