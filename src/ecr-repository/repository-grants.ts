import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { applyAccess } from './access-statements';
import { grantDeleteImages, grantDescribe, grantPull, grantPullPush, grantPush } from './grants';
import { RepositoryAccess } from './repository-access';

/**
 * Grants on a repository, made in this app or referenced, that take effect or say why they cannot.
 *
 * On a referenced repository aws-cdk's own `grantPull` and the like report success for an account, an organization or any other principal
 * that holds no policy, and write nothing. These throw, and warn where another half is missing (a repository of another account).
 */
export class RepositoryGrants {
  /**
   * Grants on a repository.
   *
   * @param repository a repository that this app makes, or a referenced one
   */
  public static fromRepository(repository: ecr.IRepository): RepositoryGrants {
    return new RepositoryGrants(repository);
  }

  private constructor(private readonly repository: ecr.IRepository) {}

  /**
   * Pull images: for what runs them.
   *
   * @throws when nothing could be written that lets the grantee in
   */
  public pull(grantee: iam.IGrantable): iam.Grant {
    return grantPull(this.repository, grantee);
  }

  /**
   * Push images without reading any.
   *
   * @throws when nothing could be written that lets the grantee in
   */
  public push(grantee: iam.IGrantable): iam.Grant {
    return grantPush(this.repository, grantee);
  }

  /**
   * Pull and push images: for image builders, which read base images, caches and manifests as well.
   *
   * @throws when nothing could be written that lets the grantee in
   */
  public pullPush(grantee: iam.IGrantable): iam.Grant {
    return grantPullPush(this.repository, grantee);
  }

  /**
   * Read about the repository, its images, policies and scan findings.
   *
   * @throws when nothing could be written that lets the grantee in
   */
  public describe(grantee: iam.IGrantable): iam.Grant {
    return grantDescribe(this.repository, grantee);
  }

  /**
   * List and delete images.
   *
   * @throws when nothing could be written that lets the grantee in
   */
  public deleteImages(grantee: iam.IGrantable): iam.Grant {
    return grantDeleteImages(this.repository, grantee);
  }

  /**
   * Adds an access list to the repository's policy.
   *
   * @throws when the repository is only referenced
   */
  public access(access: RepositoryAccess): void {
    applyAccess(this.repository, access);
  }
}
