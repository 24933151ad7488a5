import { Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { grantUnderPrefix } from './prefix-grants';
import { repositoriesUnder, ROOT, validatePrefix, withoutSlash } from './prefixes';
import { defineServiceRole } from './service-role';
import { PrivateEcrUpstreamOptions, UpstreamRegistry } from './upstream-registry';
import { CREATE_ACTION, LOGIN_ACTION, PULL_ACTIONS, READ_UPSTREAM_ACTIONS } from '../ecr-repository/actions';
import { repositoryArn } from '../ecr-repository/repository-arns';

/** Actions that ECR needs in the cache, if the upstream is a private ECR registry (ECR user guide). */
const WRITE_CACHE = [
  'ecr:BatchImportUpstreamImage',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** Properties of `PullThroughCacheRule`. */
export interface PullThroughCacheRuleProps {
  /** The registry whose images are cached. */
  readonly upstream: UpstreamRegistry;

  /**
   * Prefix of the names of the cached repositories, 2 to 30 characters (ECR's limit). With `docker-hub`, the image
   * `library/python` is pulled as `<registry>/docker-hub/library/python`. With `ROOT`, the cached repositories have the
   * names of the upstream repositories.
   */
  readonly repositoryPrefix: string;

  /**
   * Cache only upstream repositories under this prefix, 2 to 30 characters (ECR's limit).
   *
   * @default - all upstream repositories
   */
  readonly upstreamRepositoryPrefix?: string;
}

/**
 * A pull-through cache rule: ECR caches images of another registry when they are pulled through the rule. Builds then
 * pull their parent images from the same Region and are not subject to Docker Hub's rate limits.
 * `RepositoryCreationTemplate` controls the settings of the cached repositories.
 *
 * Every change replaces the rule, and ECR refuses a second rule for a prefix. A change with the same prefix therefore
 * needs two deployments: the first removes the rule, and the second defines it again. Deleting the rule keeps the
 * cached repositories, but ECR no longer updates them.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 *
 * @example
 * const login = secretsmanager.Secret.fromSecretNameV2(this, 'Login', 'ecr-pullthroughcache/docker-hub');
 *
 * new ecr_registry.PullThroughCacheRule(this, 'DockerHub', {
 *   upstream: ecr_registry.UpstreamRegistry.dockerHub(login),
 *   repositoryPrefix: 'docker-hub',
 * });
 */
export class PullThroughCacheRule extends Resource {
  /** Prefix of the names of the cached repositories, without the slash. */
  public readonly repositoryPrefix: string;

  /** The role that ECR assumes to read the upstream; undefined unless the upstream is a private ECR registry. */
  public readonly role?: iam.IRole;

  /**
   * @throws when a prefix is invalid; at synth, when the app defines a second rule for the prefix
   */
  public constructor(scope: Construct, id: string, props: PullThroughCacheRuleProps) {
    super(scope, id);
    const { upstream } = props;
    this.repositoryPrefix = withoutSlash(props.repositoryPrefix);
    validatePrefix('repositoryPrefix', this.repositoryPrefix, 2, 30);
    const upstreamPrefix = props.upstreamRepositoryPrefix && withoutSlash(props.upstreamRepositoryPrefix);
    if (upstreamPrefix) { validatePrefix('upstreamRepositoryPrefix', upstreamPrefix, 2, 30); }

    const { _ecrUpstream: ecrUpstream } = upstream;
    this.role = ecrUpstream && (ecrUpstream.role ?? this.defineRole(ecrUpstream, upstreamPrefix));
    const rule = new ecr.CfnPullThroughCacheRule(this, 'Resource', {
      ecrRepositoryPrefix: this.repositoryPrefix,
      upstreamRegistry: upstream.upstreamName,
      upstreamRegistryUrl: upstream._url,
      upstreamRepositoryPrefix: upstreamPrefix,
      credentialArn: upstream._credentials?.secretArn,
      customRoleArn: this.role?.roleArn,
    });
    claimSetting(rule, 'EcrRepositoryPrefix');
  }

  /**
   * URI to pull an upstream image through the cache.
   *
   * @param image upstream repository with tag or digest, such as `library/python:3.12`
   */
  public imageUri(image: string): string {
    const { account, region, urlSuffix } = Stack.of(this);
    const path = this.repositoryPrefix === ROOT ? image : `${this.repositoryPrefix}/${image}`;
    return `${account}.dkr.ecr.${region}.${urlSuffix}/${path}`;
  }

  /**
   * Grants to pull through the cache. The grant includes the first pull of an image, for which ECR creates the
   * repository and imports the image.
   *
   * @throws when the grant would have no effect
   */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return grantUnderPrefix(
      this,
      this.repositoryPrefix,
      grantee,
      [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage', CREATE_ACTION],
      'allow the principal in a RegistryPolicy',
    );
  }

  private defineRole(upstream: PrivateEcrUpstreamOptions, upstreamPrefix: string | undefined): iam.Role {
    const { account, region } = upstream;
    const pattern = upstreamPrefix && upstreamPrefix !== ROOT ? `${upstreamPrefix}/*` : '*';
    const upstreamRepositories = repositoryArn(this, pattern, { account, region });
    return defineServiceRole(this, {
      service: 'pullthroughcache.ecr.amazonaws.com',
      description: 'Assumed by ECR to read another private registry for a pull-through cache',
      statements: [
        new iam.PolicyStatement({ sid: 'Upstream', actions: READ_UPSTREAM_ACTIONS, resources: [upstreamRepositories] }),
        new iam.PolicyStatement({
          sid: 'Cache',
          actions: WRITE_CACHE,
          resources: [repositoriesUnder(this, this.repositoryPrefix)],
        }),
        new iam.PolicyStatement({ sid: 'Login', actions: [LOGIN_ACTION], resources: ['*'] }),
      ],
      wildcardReason:
        'the cache covers all repositories under its prefix, and ecr:GetAuthorizationToken has no resource level',
    });
  }
}
