import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

export const CODEBUILD_SERVICE = 'codebuild.amazonaws.com';

/** The folder below the path of the artifact store to which ZenML uploads build contexts. */
const CONTEXTS = 'code-build-contexts';

/** Start of the keys of build contexts in the bucket of an artifact store. */
export function contextPrefix(prefix: string | undefined): string {
  return `${prefix === undefined ? '' : `${prefix}/`}${CONTEXTS}/`;
}

/** What the rights of the role of a project depend on. Rights on images are granted by the repositories. */
export interface BuildSettings {
  readonly bucketArn: string;
  /** Folder of the artifact store in the bucket; undefined: the whole bucket. */
  readonly prefix?: string;
  /** ARN of the bucket's customer key. */
  readonly bucketKeyArn?: string;
  /** ARN of the log group with `:*` at the end. */
  readonly logGroupArn: string;
}

/** Rights of a caller that builds images (`AWSImageBuilder` of ZenML). */
export function buildStatements(projectArn: string): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({
    sid: 'BuildImages', actions: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild'], resources: [projectArn],
  })];
}

/**
 * Rights of the role that builds run with. Whoever may start a build chooses its commands, and so uses these rights.
 */
export function projectRoleStatements(scope: IConstruct, settings: BuildSettings): iam.PolicyStatement[] {
  const { bucketArn, prefix, bucketKeyArn, logGroupArn } = settings;
  const { region, urlSuffix } = Stack.of(scope);
  return [
    new iam.PolicyStatement({
      sid: 'ReadBuildContexts',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [`${bucketArn}/${contextPrefix(prefix)}*`],
    }),
    new iam.PolicyStatement({
      sid: 'WriteLogs', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroupArn],
    }),
    ...bucketKeyArn === undefined ? [] : [new iam.PolicyStatement({
      sid: 'UseKeyOfBucket',
      actions: ['kms:Decrypt'],
      resources: [bucketKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` } },
    })],
  ];
}
