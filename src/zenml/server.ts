import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { CertificateAuthority } from './certificate-authority';
import { brokenServerUrlRule, normalizeServerUrl } from '../contract/rules';
import { MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS } from '../contract/timing';
import { requireOneIdentity } from '../iam/trusted-identity';
import { isUnknown } from '../private/known';
import { RegistrationHandler } from '../private/registration-handler';
import { refuseDynamicReference, validateDuration, validatePattern } from '../private/validation';

/** How the function that talks to the server runs. */
export interface HandlerOptions {
  /**
   * Servers with the same id share one function per stack, and must then share all settings of `HandlerOptions` that belong to the
   * function: network and timeout. Letters and digits. Choose it before the first deploy: CloudFormation does not let a registration move
   * to another function.
   *
   * @default - one function per stack for all servers
   */
  readonly handlerId?: string;
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
   * @default - a new one that lets everything out
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * A private certificate authority to trust when talking to this server.
   *
   * @default - the public ones
   */
  readonly certificateAuthority?: CertificateAuthority;
  /**
   * HTTP proxy for calls to this server, `http://host:port` (no user name or password: it would stand in the template).
   *
   * @default - none
   */
  readonly proxyUrl?: string;
  /**
   * How long one registration may take, between 2 and 10 minutes; IAM's propagation delays and the server's answers must fit.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;
}

/** What every kind of server needs. */
export interface ServerOptions {
  /**
   * The secret that holds the API key of a ZenML service account (`ZENKEY_...`, or `ZENPROKEY_...` for ZenML Pro). Only its ARN enters
   * the template; the key is read when a registration runs, so a rotated key needs no deploy.
   */
  readonly apiKey: secretsmanager.ISecret;
  /**
   * JSON field of the secret.
   *
   * @default - the secret's whole text is the key
   */
  readonly apiKeyField?: string;
  /**
   * How the function that talks to the server runs.
   *
   * @default - outside of a VPC, public certificate authorities, 5 minutes
   */
  readonly handler?: HandlerOptions;
}

/** A ZenML server of your own. */
export interface SelfHostedServerProps extends ServerOptions {
  /**
   * Base URL, `https://zenml.example.com` (with a path, if it has one; without a trailing slash or with one). Must be https, except for
   * this very machine (127.0.0.1, localhost).
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

/** A workspace of ZenML Pro. */
export interface ProServerProps extends ServerOptions {
  /** The workspace's own URL (not cloud.zenml.io): dashboard > workspace > settings. */
  readonly workspaceUrl: string;
  /**
   * The workspace's id, a UUID: the access role trusts exactly this workspace's AWS identity, and the handler refuses to write to a
   * server that tells another id.
   */
  readonly workspaceId: string;
}

/** The AWS account in which ZenML Pro's workspaces run (ZenML's documented value, also visible in its own CloudFormation template). */
const ZENML_PRO_ACCOUNT = '715803424590';

/** @internal what the library needs to know of a server beyond its public properties */
export interface _ServerSettings {
  readonly apiKeyField?: string;
  readonly handler: HandlerOptions;
  readonly allowHttp: boolean;
  readonly workspaceId?: string;
  readonly identity?: iam.IPrincipal;
  readonly implicit: boolean;
}

/**
 * A ZenML server: where it is, which API key it takes, and as whom it talks to AWS. Not a construct: one object serves any number of
 * stacks; each stack gets the function that talks to the server once.
 */
export class ZenMLServer {
  /**
   * A ZenML server of your own (open source, or Pro on premises).
   *
   * @throws when `url` is no https URL (see there), or `handler` holds values out of bounds
   */
  public static selfHosted(props: SelfHostedServerProps): ZenMLServer {
    if (props.implicitAuthentication === false && props.awsIdentity) {
      throw new Error('`awsIdentity` serves implicit authentication only, but `implicitAuthentication` is false: leave one of them out');
    }
    requireSecret(props.apiKey);
    requireOneIdentity(props.apiKey, props.awsIdentity);
    return new ZenMLServer(validUrl('url', props.url, props.allowInsecureHttp), props.apiKey, {
      apiKeyField: props.apiKeyField,
      handler: props.handler ?? {},
      allowHttp: props.allowInsecureHttp ?? false,
      identity: props.awsIdentity,
      implicit: props.implicitAuthentication ?? props.awsIdentity !== undefined,
    });
  }

  /**
   * A workspace of ZenML Pro (SaaS). Connectors use implicit authentication: the access role trusts the workspace's identity, no keys.
   *
   * @throws when `workspaceUrl` is the control plane or no https URL, or `workspaceId` is no UUID
   */
  public static pro(props: ProServerProps): ZenMLServer {
    validatePattern('workspaceId', props.workspaceId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      'a UUID in lower case, "12345678-90ab-cdef-1234-567890abcdef"');
    return new ZenMLServer(validUrl('workspaceUrl', props.workspaceUrl), props.apiKey, {
      apiKeyField: props.apiKeyField,
      handler: props.handler ?? {},
      allowHttp: false,
      workspaceId: props.workspaceId,
      identity: new iam.ArnPrincipal(`arn:aws:iam::${ZENML_PRO_ACCOUNT}:role/zenml-${props.workspaceId}`),
      implicit: true,
    });
  }

  /** Base URL without a trailing slash. */
  public readonly url: string;

  /** The secret that holds the API key. */
  public readonly apiKey: secretsmanager.ISecret;

  /** @internal */
  public readonly _settings: _ServerSettings;

  private constructor(url: string, apiKey: secretsmanager.ISecret, settings: _ServerSettings) {
    const { handlerId, proxyUrl, timeout } = settings.handler;
    requireSecret(apiKey);
    validatePattern('handlerId', handlerId, /^[A-Za-z0-9]{1,64}$/, 'up to 64 letters and digits');
    validatePattern('proxyUrl', proxyUrl, /^http:\/\/[^/@\s]+$/, '"http://host:port" (no credentials, no path)');
    validateDuration('timeout', timeout, MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS, 'a registration needs at least two minutes; see the docs on time limits');
    this.url = url;
    this.apiKey = apiKey;
    this._settings = settings;
  }

  /**
   * The function that talks to this server in the scope's stack, for alarms, tags or subscriptions. It is made when it is first needed.
   *
   * @param scope any construct of the stack
   */
  public handlerFunction(scope: Construct): lambda.IFunction {
    return RegistrationHandler.for(scope, this).function;
  }
}

/** JavaScript and the casts of TypeScript let the key itself pass. */
function requireSecret(apiKey: secretsmanager.ISecret): void {
  if (typeof apiKey === 'object') { return; }
  throw new Error('`apiKey` must be a Secrets Manager secret (secretsmanager.ISecret), not the key itself: a text would stand in the template. '
    + 'Use Secret.fromSecretNameV2(...)');
}

function validUrl(prop: string, url: string, allowHttp?: boolean): string {
  refuseDynamicReference(prop, url);
  if (isUnknown(url)) { return url; }
  // JavaScript and the casts of TypeScript let it pass.
  if (typeof url !== 'string') { throw new Error(`\`${prop}\` is missing: give the server's base URL, such as https://zenml.example.com`); }
  const normal = normalizeServerUrl(url);
  const broken = brokenServerUrlRule(normal, allowHttp);
  if (broken) { throw new Error(`\`${prop}\`: ${broken}, got: "${redactUserInfo(url)}"`); }
  return normal;
}

/** A password typed into a URL by mistake shall not end in a build log. */
function redactUserInfo(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@');
}
