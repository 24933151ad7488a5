import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CertificateAuthority } from './certificate-authority';
import { ProWorkspaceOptions, RegistrationFunctionOptions, SelfHostedServerOptions, ZenMLServerOptions } from './server-options';
import { brokenServerUrlRule, normalizeServerUrl } from '../contract/rules';
import { MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS } from '../contract/timing';
import { requireOneIdentity } from '../iam/trusted-identity';
import { isUnknown } from '../private/known';
import { refuseDynamicReference, validateDuration, validatePattern } from '../private/validation';

/** The AWS account in which ZenML Pro's workspaces run (ZenML's documented value, also visible in its own CloudFormation template). */
const ZENML_PRO_ACCOUNT = '715803424590';

/** @internal what the library needs to know of a server beyond its public properties */
export interface _ServerSettings {
  readonly apiKeyField?: string;
  readonly certificateAuthority?: CertificateAuthority;
  readonly proxyUrl?: string;
  readonly registrationFunction: RegistrationFunctionOptions;
  readonly allowHttp: boolean;
  readonly workspaceId?: string;
  readonly identity?: iam.IPrincipal;
  readonly implicit: boolean;
}

/**
 * A ZenML server: its URL, its API key, and the AWS identity as which it runs. A server is no construct: one object serves any number of
 * CloudFormation stacks, and each stack gets the registration function once.
 *
 * @example
 * const server = ZenMLServer.selfHosted({
 *   url: 'https://zenml.example.com',
 *   apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', 'zenml/api-key'),
 * });
 */
export class ZenMLServer {
  /**
   * A ZenML server of your own (open source, or Pro on premises).
   *
   * @throws when `url` is no https URL (see there), or `proxyUrl` or `registrationFunction` holds a value out of bounds
   */
  public static selfHosted(options: SelfHostedServerOptions): ZenMLServer {
    if (options.implicitAuthentication === false && options.awsIdentity) {
      throw new Error('`awsIdentity` serves implicit authentication only, but `implicitAuthentication` is false: leave one of them out');
    }
    requireSecret(options.apiKey);
    requireOneIdentity(options.apiKey, options.awsIdentity);
    return new ZenMLServer(validUrl('url', options.url, options.allowInsecureHttp), options.apiKey, {
      ...commonSettings(options),
      allowHttp: options.allowInsecureHttp ?? false,
      identity: options.awsIdentity,
      implicit: options.implicitAuthentication ?? options.awsIdentity !== undefined,
    });
  }

  /**
   * A workspace of ZenML Pro (SaaS). Connectors use implicit authentication: the access role trusts the workspace's identity, no keys.
   *
   * @throws when `workspaceUrl` is the control plane or no https URL, or `workspaceId` is no UUID
   */
  public static pro(options: ProWorkspaceOptions): ZenMLServer {
    validatePattern('workspaceId', options.workspaceId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      'a UUID in lower case, "12345678-90ab-cdef-1234-567890abcdef"');
    return new ZenMLServer(validUrl('workspaceUrl', options.workspaceUrl), options.apiKey, {
      ...commonSettings(options),
      allowHttp: false,
      workspaceId: options.workspaceId,
      identity: new iam.ArnPrincipal(`arn:aws:iam::${ZENML_PRO_ACCOUNT}:role/zenml-${options.workspaceId}`),
      implicit: true,
    });
  }

  /** Base URL of the server, without a trailing slash. */
  public readonly url: string;

  /** The secret that holds the API key. */
  public readonly apiKey: secretsmanager.ISecret;

  /** @internal */
  public readonly _settings: _ServerSettings;

  private constructor(url: string, apiKey: secretsmanager.ISecret, settings: _ServerSettings) {
    const { functionId, timeout } = settings.registrationFunction;
    requireSecret(apiKey);
    validatePattern('functionId', functionId, /^[A-Za-z0-9]{1,64}$/, 'up to 64 letters and digits');
    validatePattern('proxyUrl', settings.proxyUrl, /^http:\/\/[^/@\s]+$/, '"http://host:port" (no credentials, no path)');
    validateDuration('timeout', timeout, MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS, 'a registration needs at least two minutes; see the docs on time limits');
    this.url = url;
    this.apiKey = apiKey;
    this._settings = settings;
  }
}

function commonSettings({ apiKeyField, certificateAuthority, proxyUrl, registrationFunction = {} }: ZenMLServerOptions) {
  return { apiKeyField, certificateAuthority, proxyUrl, registrationFunction };
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
