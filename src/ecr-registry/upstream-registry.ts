import { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { isUnknown, startsOtherwise } from '../private/known';
import { partitionOf } from '../private/partitions';

/** ECR finds the credentials of an upstream registry only in secrets whose names start so. */
const SECRET_PREFIX = 'ecr-pullthroughcache/';

/** Options of `UpstreamRegistry.privateEcr`. */
export interface PrivateEcrUpstreamOptions {
  /** Id of the account that owns the upstream registry. */
  readonly account: string;

  /** Region of the upstream registry. */
  readonly region: string;

  /**
   * Role that ECR assumes to read upstream; needed across accounts.
   *
   * @default - one is made, with rights on the upstream's repositories and on the cached ones
   */
  readonly role?: iam.IRole;
}

/**
 * A registry that ECR can cache images of. Where it wants a login, the credentials stand in a secret of the same account and Region, named
 * `ecr-pullthroughcache/...`, a JSON object with `username` and `accessToken`.
 */
export class UpstreamRegistry {
  /** Docker Hub. Needs the credentials of a Docker account. */
  public static dockerHub(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('docker-hub', 'registry-1.docker.io', credentials);
  }

  /** GitHub's registry, ghcr.io. Needs a user name and a token. */
  public static gitHub(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('github-container-registry', 'ghcr.io', credentials);
  }

  /** GitLab.com's registry. Needs a user name and a token. */
  public static gitLab(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('gitlab-container-registry', 'registry.gitlab.com', credentials);
  }

  /**
   * A registry on Azure. Needs a user name and a token.
   *
   * @param registryName the part before `.azurecr.io`, 5 to 50 letters and digits
   */
  public static azure(registryName: string, credentials: secretsmanager.ISecret): UpstreamRegistry {
    if (!isUnknown(registryName) && !/^[a-zA-Z0-9]{5,50}$/.test(registryName)) {
      throw new Error(`\`registryName\` is the part before ".azurecr.io", 5 to 50 letters and digits, got ${JSON.stringify(registryName)}`);
    }
    return new UpstreamRegistry('azure-container-registry', `${registryName}.azurecr.io`, credentials);
  }

  /** Chainguard's registry, cgr.dev. Needs a pull token. */
  public static chainguard(credentials: secretsmanager.ISecret): UpstreamRegistry {
    return new UpstreamRegistry('chainguard', 'cgr.dev', credentials);
  }

  /** Amazon's public registry. */
  public static ecrPublic(): UpstreamRegistry {
    return new UpstreamRegistry('ecr-public', 'public.ecr.aws');
  }

  /** Quay.io, public images. */
  public static quay(): UpstreamRegistry {
    return new UpstreamRegistry('quay', 'quay.io');
  }

  /** The registry of the Kubernetes project. */
  public static kubernetes(): UpstreamRegistry {
    return new UpstreamRegistry('k8s', 'registry.k8s.io');
  }

  /**
   * Another private ECR registry, in the same partition. The owner of an upstream in another account must let this account read
   * (`ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer`, `ecr:BatchImportUpstreamImage`, `ecr:GetImageCopyStatus`).
   */
  public static privateEcr(options: PrivateEcrUpstreamOptions): UpstreamRegistry {
    if (!isUnknown(options.account) && !/^\d{12}$/.test(options.account)) {
      throw new Error(`\`account\`: an account id has 12 digits, got ${JSON.stringify(options.account)}`);
    }
    const suffix = partitionOf(options.region)?.urlSuffix ?? 'amazonaws.com';
    return new UpstreamRegistry('ecr', `${options.account}.dkr.ecr.${options.region}.${suffix}`, undefined, options);
  }

  /**
   * @param upstreamName ECR's name of the upstream
   * @param _url host of the upstream
   * @param _credentials secret with the login
   * @param _ecrUpstream set for another private ECR registry
   */
  private constructor(
    /** ECR's name of the upstream, such as `docker-hub`. */
    public readonly upstreamName: string,
    /** @internal */
    public readonly _url: string,
    /** @internal */
    public readonly _credentials?: secretsmanager.ISecret,
    /** @internal */
    public readonly _ecrUpstream?: PrivateEcrUpstreamOptions,
  ) {
    if (_credentials) { assertSecretName(upstreamName, _credentials); }
  }
}

function assertSecretName(upstream: string, secret: secretsmanager.ISecret): void {
  const name = knownName(secret);
  if (name === undefined || (name !== '' && !startsOtherwise(name, SECRET_PREFIX))) { return; }
  const got = name === '' ? 'one without a name, for which CloudFormation makes one up' : JSON.stringify(name);
  throw new Error(`credentials of ${upstream}: ECR reads only secrets whose name starts with "${SECRET_PREFIX}", got ${got}; `
    + `give the secret the name "${SECRET_PREFIX}${upstream}", for example`);
}

/** Empty: CloudFormation will make up a name. Undefined: unknown at synth. */
function knownName(secret: secretsmanager.ISecret): string | undefined {
  const child = secret.node.defaultChild;
  if (child && CfnResource.isCfnResource(child) && child.cfnResourceType === secretsmanager.CfnSecret.CFN_RESOURCE_TYPE_NAME) {
    const { name } = child as secretsmanager.CfnSecret;
    const resolved: unknown = Stack.of(secret).resolve(name);
    if (resolved === undefined) { return ''; }
    return name;
  }
  return secret.secretName;
}
