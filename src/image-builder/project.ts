import { Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { BuildImage } from './build-image';
import { CodeBuildImageBuilderProps } from './codebuild-props';
import { RepositoryGrants } from '../ecr-repository/repository-grants';
import { CODEBUILD_SERVICE, projectRoleStatements } from '../iam/codebuild-rights';
import { attachPolicy } from '../iam/role-policies';
import { ownService } from '../iam/service-trust';
import { acknowledge, acknowledgeLogin, acknowledgeWildcards } from '../private/acknowledge';
import { applySharedPolicy, applySharedPolicyBelow } from '../private/removal';

const DEFAULT_TIMEOUT_MINUTES = 60;

/** ZenML replaces the commands, the source and the image of each build. A project cannot be without commands. */
const PLACEHOLDER = 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo ZenML sets the commands of each build\n';

/** A project of CodeBuild with its role and log group. */
export class BuildProject extends Construct {
  public readonly projectName: string;
  public readonly projectArn: string;
  public readonly role: iam.Role;

  public constructor(scope: Construct, id: string, props: CodeBuildImageBuilderProps, image: BuildImage) {
    super(scope, id);
    // Explicit, so that the role can trust CodeBuild for this project only. The name that CloudFormation generates
    // would be known too late.
    const name = Names.uniqueResourceName(this, { maxLength: 128, separator: '-', allowedSpecialCharacters: '-_' });
    const arn = Stack.of(this).formatArn({ service: 'codebuild', resource: 'project', resourceName: name });
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      description: 'Role of the CodeBuild project that builds images for ZenML',
      assumedBy: ownService(this, CODEBUILD_SERVICE, arn),
      path: props.path,
      permissionsBoundary: props.permissionsBoundary,
    });
    acknowledgeLogin(this.role);
    applySharedPolicyBelow(props.removalPolicy, this.role);
    const policy = this.attachRights(props, image, logGroup);
    const { image: imageName, pullCredentials, credentials } = image._bind();
    const project = new codebuild.CfnProject(this, 'Resource', {
      name,
      description: 'Builds images for ZenML',
      serviceRole: this.role.roleArn,
      source: { type: 'NO_SOURCE', buildSpec: PLACEHOLDER },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: props.computeType ?? codebuild.ComputeType.SMALL,
        image: imageName,
        imagePullCredentialsType: pullCredentials,
        privilegedMode: false,
        registryCredential: credentials && { credential: credentials.secretArn, credentialProvider: 'SECRETS_MANAGER' },
      },
      timeoutInMinutes: props.timeout?.toMinutes() ?? DEFAULT_TIMEOUT_MINUTES,
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: logGroup.logGroupName } },
    });
    acknowledge(project, {
      'AwsSolutions-CB4': 'The project has no artifacts that a key could encrypt. Images are encrypted by their repositories',
      ...pullCredentials === 'SERVICE_ROLE' && { 'AwsSolutions-CB5': '`buildImage` chooses an image that is not of CodeBuild' },
    });
    project.node.addDependency(policy);
    applySharedPolicy(props.removalPolicy, this.role, logGroup, project);
    this.projectName = project.ref;
    this.projectArn = project.attrArn;
  }

  private attachRights(
    props: CodeBuildImageBuilderProps, image: BuildImage, logGroup: logs.ILogGroup,
  ): iam.Policy {
    const { bucket, encryptionKey = bucket.encryptionKey, prefix, registry, removalPolicy } = props;
    const statements = projectRoleStatements(this, {
      bucketArn: bucket.bucketArn,
      prefix,
      bucketKeyArn: encryptionKey?.keyArn,
      logGroupArn: logGroup.logGroupArn,
    });
    // The role is new, so the app can change its policies.
    const identity = [bucket.bucketArn, prefix ?? ''];
    const policy = attachPolicy(this, 'Builds', this.role, identity, statements, removalPolicy)!;
    acknowledgeWildcards(policy, statements, 'ZenML chooses the names of build contexts, and CodeBuild those of log streams');
    registry.grantPullPush(this.role);
    for (const repository of registry._parentImages) { RepositoryGrants.fromRepository(repository).pull(this.role); }
    image._grantPull(this.role);
    return policy;
  }
}
