import { Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { grantUnderPrefix } from './prefix-grants';
import { assertPrefix, repositoriesUnder, ROOT, withoutSlash } from './prefixes';
import { makeServiceRole } from './service-role';
import { assertSingleOwner } from './single-owner';
import { PrivateEcrUpstreamOptions, UpstreamRegistry } from './upstream-registry';
import { CREATE_ACTION, LOGIN_ACTION, PULL_ACTIONS } from '../ecr-repository/actions';

/** What ECR's role does upstream and here, for an upstream that is a private ECR registry (ECR user guide). */
const READ_UPSTREAM = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:GetImageCopyStatus'];
const WRITE_CACHE = ['ecr:BatchImportUpstreamImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage'];

/** Properties of `PullThroughCacheRule`. */
export interface PullThroughCacheRuleProps {
  /** The registry to cache images of. */
  readonly upstream: UpstreamRegistry;

  /**
   * Start of the names of the cached repositories, 2 to 30 characters: with `docker-hub`, the image `library/python` is pulled as
   * `<registry>/docker-hub/library/python`. `ROOT` caches under the upstream's own names.
   */
  readonly repositoryPrefix: string;

  /**
   * Cache only upstream repositories under this prefix, 2 to 30 characters.
   *
   * @default - all of the upstream
   */
  readonly upstreamRepositoryPrefix?: string;
}

/**
 * Makes ECR fetch and keep images of another registry when they are pulled through it: parent images of builds come from nearby and
 * without Docker Hub's rate limits. `RepositoryCreationTemplate` says how the cached repositories are made.
 *
 * Every change replaces the rule, and ECR takes no second rule for one prefix: a change at the same prefix takes two deployments, one that removes
 * the rule and one that defines it again. Deleting the rule leaves the cached repositories, which are then updated no more.
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
  /** Start of the names of the cached repositories, without a slash. */
  public readonly repositoryPrefix: string;

  /** The role that ECR assumes to read another private ECR registry. */
  public readonly role?: iam.IRole;

  /**
   * @throws when a prefix is none, or the app has a second rule for it
   */
  public constructor(scope: Construct, id: string, props: PullThroughCacheRuleProps) {
    super(scope, id);
    const { upstream } = props;
    this.repositoryPrefix = withoutSlash(props.repositoryPrefix);
    assertPrefix('repositoryPrefix', this.repositoryPrefix, 2, 30);
    const upstreamPrefix = props.upstreamRepositoryPrefix && withoutSlash(props.upstreamRepositoryPrefix);
    if (upstreamPrefix) { assertPrefix('upstreamRepositoryPrefix', upstreamPrefix, 2, 30); }

    this.role = upstream._ecrUpstream && (upstream._ecrUpstream.role ?? this.makeRole(upstream._ecrUpstream, upstreamPrefix));
    const rule = new ecr.CfnPullThroughCacheRule(this, 'Resource', {
      ecrRepositoryPrefix: this.repositoryPrefix,
      upstreamRegistry: upstream.upstreamName,
      upstreamRegistryUrl: upstream._url,
      upstreamRepositoryPrefix: upstreamPrefix,
      credentialArn: upstream._credentials?.secretArn,
      customRoleArn: this.role?.roleArn,
    });
    assertSingleOwner(rule, 'EcrRepositoryPrefix');
  }

  /**
   * URI under which an upstream image is pulled.
   *
   * @param image upstream repository with tag or digest, such as `library/python:3.12`
   */
  public imageUri(image: string): string {
    const { account, region, urlSuffix } = Stack.of(this);
    const path = this.repositoryPrefix === ROOT ? image : `${this.repositoryPrefix}/${image}`;
    return `${account}.dkr.ecr.${region}.${urlSuffix}/${path}`;
  }

  /**
   * Lets the grantee pull through the cache: also the first pull, which makes the repository and fetches the image.
   *
   * @throws when the grant would have no effect
   */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return grantUnderPrefix(this, this.repositoryPrefix, grantee, [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage', CREATE_ACTION],
      'let the principal in by RegistryPolicy');
  }

  private makeRole(upstream: PrivateEcrUpstreamOptions, upstreamPrefix: string | undefined): iam.Role {
    const { account, region } = upstream;
    const upstreamRepositories = Stack.of(this).formatArn({
      service: 'ecr', account, region, resource: 'repository', resourceName: upstreamPrefix && upstreamPrefix !== ROOT ? `${upstreamPrefix}/*` : '*',
    });
    return makeServiceRole(this, {
      service: 'pullthroughcache.ecr.amazonaws.com',
      description: 'ECR reads another private registry for its pull-through cache',
      statements: [
        new iam.PolicyStatement({ sid: 'Upstream', actions: READ_UPSTREAM, resources: [upstreamRepositories] }),
        new iam.PolicyStatement({ sid: 'Cache', actions: WRITE_CACHE, resources: [repositoriesUnder(this, this.repositoryPrefix)] }),
        new iam.PolicyStatement({ sid: 'Login', actions: [LOGIN_ACTION], resources: ['*'] }),
      ],
      wildcardReason: 'a cache is for all repositories under its prefix, and ecr:GetAuthorizationToken has no resource level',
    });
  }
}
