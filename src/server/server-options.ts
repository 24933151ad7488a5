import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CertificateAuthority } from './certificate-authority';

/**
 * Settings of the registration function: the Lambda function that registers objects with a ZenML server. The servers that share a function
 * must agree on all of them.
 */
export interface RegistrationFunctionOptions {
  /**
   * Id of the function in the CloudFormation stack: letters and digits. The servers with the same id share one function per stack. Choose the
   * id before the first deploy: CloudFormation does not let a registration move to another function.
   *
   * @default - one function per stack for all servers
   */
  readonly functionId?: string;
  /**
   * The VPC from which the server can be reached. The function then also needs a way to Secrets Manager, SSM, ECR and, for its answers,
   * to S3 (gateway endpoint or NAT). Moving a server into a VPC updates the function in place.
   *
   * @default - the function runs outside of any VPC
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Subnets in the VPC.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Security groups of the function.
   *
   * @default - a new one that allows all outbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * How long one registration may take, between 2 and 10 minutes. IAM's propagation delays and the server's answers must fit.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;
}

/** Options that every kind of ZenML server has. */
export interface ZenMLServerOptions {
  /**
   * The secret that holds the API key of a ZenML service account (`ZENKEY_...`, or `ZENPROKEY_...` for ZenML Pro). Only the ARN of the secret
   * enters the template. The key is read when a registration runs, so a rotated key needs no deploy.
   */
  readonly apiKey: secretsmanager.ISecret;
  /**
   * JSON field of the secret.
   *
   * @default - the secret's whole text is the key
   */
  readonly apiKeyField?: string;
  /**
   * A private certificate authority to trust in calls to this server, beside the public ones.
   *
   * @default - the public ones only
   */
  readonly certificateAuthority?: CertificateAuthority;
  /**
   * HTTP proxy for calls to this server, `http://host:port`. The URL must not hold a user name or password, because it stands in the template.
   *
   * @default - no proxy
   */
  readonly proxyUrl?: string;
  /**
   * Settings of the function that registers objects with this server.
   *
   * @default - one function per stack for all servers, outside of a VPC, with a timeout of 5 minutes
   */
  readonly registrationFunction?: RegistrationFunctionOptions;
}

/** Options of `ZenMLServer.selfHosted`. */
export interface SelfHostedServerOptions extends ZenMLServerOptions {
  /**
   * Base URL, `https://zenml.example.com` (with a path, if it has one; without a trailing slash or with one). The URL must be https, except
   * for this very machine (127.0.0.1, localhost).
   */
  readonly url: string;
  /**
   * The AWS identity as which the server runs (its ECS task role, EKS pod role, instance role, ...). With it, connectors use implicit
   * authentication: the access role trusts this identity and no key is stored anywhere. The server must run with
   * `ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true`.
   *
   * @default - unknown: an IAM user that may only assume the access role is made
   */
  readonly awsIdentity?: iam.IPrincipal;
  /**
   * Whether the server permits implicit authentication (`ZENML_ENABLE_IMPLICIT_AUTH_METHODS`).
   *
   * @default - true when `awsIdentity` is given
   */
  readonly implicitAuthentication?: boolean;
  /**
   * Permits plain http to a host other than this machine. The API key and AWS keys then travel in clear: only for a network that you
   * trust entirely.
   *
   * @default false
   */
  readonly allowInsecureHttp?: boolean;
}

/** Options of `ZenMLServer.pro`. */
export interface ProWorkspaceOptions extends ZenMLServerOptions {
  /** URL of the workspace itself (not cloud.zenml.io): dashboard > workspace > settings. */
  readonly workspaceUrl: string;
  /**
   * Id of the workspace, a UUID. The access role trusts exactly this workspace's AWS identity, and the registration function refuses to write
   * to a server that reports another id.
   */
  readonly workspaceId: string;
}
