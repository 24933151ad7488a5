import * as iam from 'aws-cdk-lib/aws-iam';
import { isFrozen } from '../private/frozen-roles';
import { synthError } from '../private/synth-error';

/**
 * Grants statements to an identity. Throws when the grant would have no effect.
 *
 * @param subject what is granted, as the message begins: `the right to run pipelines`
 */
export function grantStatements(
  subject: string, grantee: iam.IGrantable, statements: iam.PolicyStatement[],
): iam.Grant {
  const grants = statements.map((statement) => iam.Grant.addToPrincipal({
    grantee,
    actions: statement.actions,
    resourceArns: statement.resources,
    conditions: statement.conditions as Record<string, Record<string, unknown>>,
  }));
  if (isFrozen(grantee.grantPrincipal) || grants.some(({ success }) => !success)) {
    throw synthError('CZ120', `${subject} cannot be granted to ${grantee.grantPrincipal}, because this app cannot change the policies of that identity: `
      + 'grant to a role of this app, or add the statements of docs/security.md where the identity is defined');
  }
  return grants.reduce((all, one) => all.combine(one));
}
