import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/**
 * A service of AWS that acts for the account of the scope. Without the condition the service could be made to assume
 * the role for a resource of another account (confused deputy).
 *
 * @param service principal of the service, `sagemaker.amazonaws.com`
 * @param sourceArn the only resource for which the service may assume the role; undefined: any of the account
 */
export function ownService(scope: IConstruct, service: string, sourceArn?: string): iam.IPrincipal {
  return new iam.ServicePrincipal(service).withConditions({
    StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
    ...sourceArn !== undefined && { ArnLike: { 'aws:SourceArn': sourceArn } },
  });
}

/** Lets the caller pass one role, to one service only. */
export function passRoleStatement(sid: string, roleArn: string, service: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid, actions: ['iam:PassRole'], resources: [roleArn], conditions: { StringEquals: { 'iam:PassedToService': service } },
  });
}
