import * as iam from 'aws-cdk-lib/aws-iam';
import { shielded } from '../private/known';
import { validatePattern } from '../private/validation';

/** Principals for access lists for which aws-cdk has no class. */
export class RepositoryPrincipal {
  /**
   * Every identity of an AWS organization.
   *
   * cdk-nag reports this principal (AwsSolutions-ECR1), because it checks only the `*` and not the condition. A list of
   * accounts avoids the finding.
   *
   * @param organizationId id of the organization, such as `o-a1b2c3d4e5`
   * @throws when the text is not the id of an organization
   */
  public static organization(organizationId: string): iam.IPrincipal {
    validatePattern('organizationId', organizationId, /^o-[a-z0-9]{10,32}$/, '"o-a1b2c3d4e5"');
    return new iam.OrganizationPrincipal(shielded(organizationId));
  }

  /**
   * Every identity in an organizational unit and in the units below it.
   *
   * @param organizationPath path from the organization to the unit, such as `o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/`
   * @throws when the text is not such a path
   */
  public static organizationalUnit(organizationPath: string): iam.IPrincipal {
    validatePattern(
      'organizationPath',
      organizationPath,
      /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})+\/?$/,
      '"o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/"',
    );
    return new iam.PrincipalWithConditions(new iam.AnyPrincipal(), {
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [`${organizationPath.replace(/\/$/, '')}/*`] },
    });
  }

  private constructor() {}
}
