import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { applyAccess } from './access-statements';
import { DELETE_ACTIONS, DESCRIBE_ACTIONS, PULL_ACTIONS, PULL_PUSH_ACTIONS, PUSH_ACTIONS } from './actions';
import { grantOnRepository, grantWithLogin } from './grants';
import { RepositoryAccess } from './repository-access';

/**
 * Grants on a repository that this app defines or imports.
 *
 * On an imported repository aws-cdk's own `grantPull` and similar methods report success for an account, an
 * organization or any other principal without policies, but write nothing. The methods of this class throw instead.
 * The grants warn where they cover only one side, such as for a repository of another account.
 */
export class RepositoryGrants {
  /**
   * Grants on a repository.
   *
   * @param repository a repository that this app defines or imports
   */
  public static fromRepository(repository: ecr.IRepository): RepositoryGrants {
    return new RepositoryGrants(repository);
  }

  private constructor(private readonly repository: ecr.IRepository) {}

  /**
   * Grants to pull images, and to log in: for identities that run images.
   *
   * @throws when the grant would have no effect
   */
  public pull(grantee: iam.IGrantable): iam.Grant {
    return grantWithLogin(this.repository, grantee, PULL_ACTIONS);
  }

  /**
   * Grants to push images but not to read any, and to log in. Builders that reuse layers, such as ZenML's, need
   * `pullPush`.
   *
   * @throws when the grant would have no effect
   */
  public push(grantee: iam.IGrantable): iam.Grant {
    return grantWithLogin(this.repository, grantee, PUSH_ACTIONS);
  }

  /**
   * Grants to pull and push images, and to log in: for image builders, which read base images, caches and manifests as
   * well.
   *
   * @throws when the grant would have no effect
   */
  public pullPush(grantee: iam.IGrantable): iam.Grant {
    return grantWithLogin(this.repository, grantee, PULL_PUSH_ACTIONS);
  }

  /**
   * Grants to read metadata of the repository, its images, policies and scan findings.
   *
   * @throws when the grant would have no effect
   */
  public describe(grantee: iam.IGrantable): iam.Grant {
    return grantOnRepository(this.repository, grantee, DESCRIBE_ACTIONS);
  }

  /**
   * Grants to list and delete images.
   *
   * @throws when the grant would have no effect
   */
  public deleteImages(grantee: iam.IGrantable): iam.Grant {
    return grantOnRepository(this.repository, grantee, DELETE_ACTIONS);
  }

  /**
   * Adds an access list to the repository's policy.
   *
   * @throws when this app only imports the repository
   */
  public access(access: RepositoryAccess): void {
    applyAccess(this.repository, access);
  }
}
