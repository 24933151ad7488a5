import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CertificateAuthority } from './certificate-authority';

/**
 * Settings of the registration function: the Lambda function that registers objects with a ZenML server. Servers that
 * share a function must have equal settings.
 */
export interface RegistrationFunctionOptions {
  /**
   * Id of the function in the CloudFormation stack: 1 to 64 letters and digits. Servers with the same id share one
   * function per stack. Choose the id before the first deploy, because CloudFormation does not move a registration to
   * another function.
   *
   * @default - one function per CloudFormation stack for all servers
   */
  readonly functionId?: string;
  /**
   * A VPC from which the server is reachable. The function also needs a network path to Secrets Manager, SSM and ECR,
   * and to S3 for its answers to CloudFormation (gateway endpoint or NAT). Moving a server into a VPC updates the
   * function in place.
   *
   * @default - the function runs outside of a VPC
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Subnets of the function in the VPC.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Security groups of the function.
   *
   * @default - a new security group that allows all outbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * How long one registration may take: 2 to 10 minutes. It must cover the propagation of IAM changes and the server's
   * response times.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;
}

/** Options of every kind of ZenML server. */
export interface ZenMLServerOptions {
  /**
   * The secret that holds the API key of a ZenML service account (`ZENKEY_...`, or `ZENPROKEY_...` for ZenML Pro). Only
   * the secret's ARN is in the template. The registration function reads the key in each registration, so a rotated key
   * needs no deploy.
   */
  readonly apiKey: secretsmanager.ISecret;
  /**
   * JSON field of the secret that holds the API key.
   *
   * @default - the whole text of the secret is the API key
   */
  readonly apiKeyField?: string;
  /**
   * A private certificate authority to trust in calls to this server, in addition to the public ones.
   *
   * @default - only the public certificate authorities
   */
  readonly certificateAuthority?: CertificateAuthority;
  /**
   * HTTP proxy for calls to this server, `http://host:port`. The URL must not contain a user name or password, because
   * it is in the template.
   *
   * @default - no proxy
   */
  readonly proxyUrl?: string;
  /**
   * Settings of the function that registers objects with this server.
   *
   * @default - one function per CloudFormation stack for all servers, outside of a VPC, with a timeout of 5 minutes
   */
  readonly registrationFunction?: RegistrationFunctionOptions;
}

/** Options of `ZenMLServer.selfHosted`. */
export interface SelfHostedServerOptions extends ZenMLServerOptions {
  /**
   * Base URL of the server, such as `https://zenml.example.com`, including the path if the server has one. A trailing
   * slash is removed. The URL must start with `https://`, except for the local machine (127.0.0.1, localhost).
   */
  readonly url: string;
  /**
   * The AWS identity that the server runs as (ECS task role, EKS pod role, instance role, ...). Connectors then use
   * implicit authentication: the access role trusts this identity, and no key is stored. The server must run with
   * `ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true`.
   *
   * @default - unknown: each connector gets an IAM user that may only assume the access role
   */
  readonly awsIdentity?: iam.IPrincipal;
  /**
   * Whether the server permits implicit authentication (`ZENML_ENABLE_IMPLICIT_AUTH_METHODS`).
   *
   * @default - true when `awsIdentity` is given
   */
  readonly implicitAuthentication?: boolean;
  /**
   * Permits plain http to hosts other than the local machine. The API key and AWS keys are then sent unencrypted. Only
   * for a fully trusted network.
   *
   * @default false
   */
  readonly allowInsecureHttp?: boolean;
}

/** Options of `ZenMLServer.pro`. */
export interface ProWorkspaceOptions extends ZenMLServerOptions {
  /** URL of the workspace (dashboard > workspace > settings), not of the control plane cloud.zenml.io. */
  readonly workspaceUrl: string;
  /**
   * Id of the workspace, a UUID in lower case. The access role trusts only the AWS identity of this workspace. The
   * registration function refuses to write to a server that reports another id.
   */
  readonly workspaceId: string;
}
