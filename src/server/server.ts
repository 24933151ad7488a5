import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CertificateAuthority } from './certificate-authority';
import {
  ProWorkspaceOptions,
  RegistrationFunctionOptions,
  SelfHostedServerOptions,
  ZenMLServerOptions,
} from './server-options';
import { isUuid } from '../contract/physical-id';
import { brokenServerUrlRule, normalizeServerUrl } from '../contract/rules';
import { MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS } from '../contract/timing';
import { validateIdentity } from '../iam/trusted-identity';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import {
  invalidProp,
  quoted,
  validateDuration,
  validateNoDynamicReference,
  validatePattern,
} from '../private/validation';

/**
 * The AWS account that ZenML Pro's workspaces run in. Source: ZenML's documentation and ZenML's own CloudFormation
 * template.
 */
const ZENML_PRO_ACCOUNT = '715803424590';

/** @internal what other constructs read of a server in addition to its public attributes */
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
 * A ZenML server: its URL, its API key, and the AWS identity that it runs as.
 *
 * A server is not a construct: one object can be used in several CloudFormation stacks. Each stack gets its own
 * registration function.
 *
 * @example
 * const server = ZenMLServer.selfHosted({
 *   url: 'https://zenml.example.com',
 *   apiKey: secretsmanager.Secret.fromSecretNameV2(this, 'ApiKey', 'zenml/api-key'),
 * });
 */
export class ZenMLServer {
  /**
   * A self-hosted ZenML server (open source, or Pro on premises).
   *
   * @throws when `url` is not a valid https URL, or an option is invalid
   */
  public static selfHosted(options: SelfHostedServerOptions): ZenMLServer {
    if (options.implicitAuthentication === false && options.awsIdentity) {
      throw synthError(
        'CZ101',
        '`awsIdentity` is only used for implicit authentication, but `implicitAuthentication` is false: '
          + 'remove one of the two',
      );
    }
    validateApiKey(options.apiKey);
    validateIdentity(options.apiKey, options.awsIdentity);
    return new ZenMLServer(validUrl('url', options.url, options.allowInsecureHttp), options.apiKey, {
      ...commonSettings(options),
      allowHttp: options.allowInsecureHttp ?? false,
      identity: options.awsIdentity,
      implicit: options.implicitAuthentication ?? options.awsIdentity !== undefined,
    });
  }

  /**
   * A workspace of ZenML Pro (SaaS). Connectors use implicit authentication: the access role trusts the workspace's AWS
   * identity, and no key is stored.
   *
   * @throws when `workspaceUrl` is not a valid https URL or names the control plane, or `workspaceId` is not a UUID
   */
  public static pro(options: ProWorkspaceOptions): ZenMLServer {
    if (!isUnknown(options.workspaceId) && !isUuid(options.workspaceId)) {
      throw invalidProp('workspaceId', 'must be a UUID in lower case', options.workspaceId,
        'copy it from dashboard > workspace > settings');
    }
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
    validateApiKey(apiKey);
    validatePattern('functionId', functionId, /^[A-Za-z0-9]{1,64}$/, '"Production" (1 to 64 letters and digits)');
    validatePattern(
      'proxyUrl',
      settings.proxyUrl,
      /^http:\/\/[^/@\s]+$/,
      '"http://host:port" (without user name, password and path)',
    );
    validateDuration(
      'timeout',
      timeout,
      [MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS],
      'limits of the registration function',
    );
    this.url = url;
    this.apiKey = apiKey;
    this._settings = settings;
  }
}

function commonSettings(options: ZenMLServerOptions) {
  const { apiKeyField, certificateAuthority, proxyUrl, registrationFunction = {} } = options;
  return { apiKeyField, certificateAuthority, proxyUrl, registrationFunction };
}

/** JavaScript and casts in TypeScript accept a text in place of the secret. */
function validateApiKey(apiKey: secretsmanager.ISecret): void {
  if (typeof apiKey === 'object') { return; }
  throw synthError(
    'CZ140',
    '`apiKey` must be a Secrets Manager secret (secretsmanager.ISecret), not the key itself, because a '
      + 'text would be in the template: use Secret.fromSecretNameV2(...)',
  );
}

/** The URL in its normal form. */
function validUrl(prop: string, url: string, allowHttp?: boolean): string {
  validateNoDynamicReference(prop, url);
  if (isUnknown(url)) { return url; }
  // JavaScript and casts in TypeScript accept other types.
  if (typeof url !== 'string') {
    throw synthError(
      'CZ102',
      `\`${prop}\` is missing: set it to the server's base URL, such as https://zenml.example.com`,
    );
  }
  const normal = normalizeServerUrl(url);
  const broken = brokenServerUrlRule(normal, allowHttp);
  if (broken) { throw synthError('CZ141', `\`${prop}\`: ${broken}, got: ${quoted(redactUserInfo(url))}`); }
  return normal;
}

/** The URL without user name and password, so that a password never appears in a build log. */
function redactUserInfo(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@');
}
