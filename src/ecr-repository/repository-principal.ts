import * as iam from 'aws-cdk-lib/aws-iam';
import { isUnknown, shielded } from '../private/known';

/** Principals for access lists that have no class of their own in aws-cdk's iam module. */
export class RepositoryPrincipal {
  /**
   * Every identity of an AWS organization.
   *
   * cdk-nag's AwsSolutions-ECR1 reports it (it sees the `*` and not the condition); a list of accounts is the clean alternative.
   *
   * @param organizationId such as `o-a1b2c3d4e5`
   */
  public static organization(organizationId: string): iam.IPrincipal {
    assertPattern(organizationId, /^o-[a-z0-9]{10,32}$/, 'organizationId', 'o-a1b2c3d4e5');
    return new iam.OrganizationPrincipal(shielded(organizationId));
  }

  /**
   * Every identity in an organizational unit and the units below it.
   *
   * @param organizationPath path from the organization down, such as `o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/`
   */
  public static organizationalUnit(organizationPath: string): iam.IPrincipal {
    assertPattern(organizationPath, /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})+\/?$/, 'organizationPath',
      'o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/');
    return new iam.PrincipalWithConditions(new iam.AnyPrincipal(), {
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [`${organizationPath.replace(/\/$/, '')}/*`] },
    });
  }

  private constructor() {}
}

function assertPattern(value: string, pattern: RegExp, name: string, example: string): void {
  if (isUnknown(value) || pattern.test(value)) { return; }
  throw new Error(`\`${name}\` looks like ${example}, got ${JSON.stringify(value)}`);
}
