import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, IConstruct } from 'constructs';
import { RegistrationHandler } from './registration-handler';
import { secretArnForPolicies, secretId, secretRegion } from './secret-id';
import { CertificateSource, KeysBinding, ServerBinding } from '../contract/bindings';
import { digest } from '../private/digest';
import { isUnknown } from '../private/known';
import { partitionInArn, requireOwnPartition } from '../private/own-partition';
import type { CertificateAuthority } from '../server/certificate-authority';
import type { ZenMLServer } from '../server/server';

/** AWS's limit for a value in the standard tier, in characters. */
const STANDARD_TIER_LIMIT = 4096;

/** Where AWS keys stand in their secret. */
export interface KeysLocation {
  readonly secret: secretsmanager.ISecret;
  readonly accessKeyIdField: string;
  readonly secretAccessKeyField: string;
  readonly sessionTokenField?: string;
  readonly versionId?: string;
}

/**
 * Ties a secret to the one server that may get it: an SSM parameter that the handler believes instead of the event, and the policy that
 * lets the handler read both. The id depends on the content: a changed binding is a new one, and the old one lives until the cleanup
 * Deletes of its own generation are through.
 */
export class SecretBinding extends Construct {
  /** The binding of a server's API key in the scope's stack, made when it is not there yet. */
  public static forServer(scope: IConstruct, server: ZenMLServer): SecretBinding {
    const settings = server._settings;
    const handler = RegistrationHandler.for(scope, server);
    const authority = settings.certificateAuthority;
    const document: ServerBinding = {
      kind: 'server',
      url: server.url,
      secretId: secretId(handler, server.apiKey),
      field: settings.apiKeyField,
      allowHttp: settings.allowHttp || undefined,
      workspaceId: settings.workspaceId,
      ca: authority && certificateSource(handler, authority),
      proxyUrl: settings.proxyUrl,
    };
    return SecretBinding.in(handler, 'Server', document, [server.apiKey, authority?._secret], authority);
  }

  /** The binding of AWS keys to the server that may store them. */
  public static forKeys(scope: IConstruct, server: ZenMLServer, keys: KeysLocation): SecretBinding {
    const { secret, ...fields } = keys;
    const handler = RegistrationHandler.for(scope, server);
    const document: KeysBinding = { kind: 'keys', url: server.url, secretId: secretId(handler, secret), ...fields };
    return SecretBinding.in(handler, 'Keys', document, [secret]);
  }

  private static in(handler: RegistrationHandler, prefix: string, document: object,
    secrets: (secretsmanager.ISecret | undefined)[], authority?: CertificateAuthority): SecretBinding {
    const read = secrets.filter((secret) => secret !== undefined);
    const id = prefix + digest(handler, identityOf(document, read));
    const existing = handler.node.tryFindChild(id) as SecretBinding | undefined;
    return existing ?? new SecretBinding(handler, id, document, read, authority);
  }

  /** What the registration's property names. */
  public readonly parameterName: string;

  private constructor(handler: RegistrationHandler, id: string, document: object,
    secrets: secretsmanager.ISecret[], authority?: CertificateAuthority) {
    super(handler, id);
    handler.countSecret();
    const parameter = new ssm.CfnParameter(this, 'Resource', {
      type: 'String',
      value: Stack.of(this).toJsonString(document),
      description: 'Ties a secret to the one ZenML server that may get it (cdk-zenml); holds no secret',
    });
    this.parameterName = parameter.ref;
    const parameters = [parameterArn(this, parameter.ref)];
    if (authority?._pem) { parameters.push(parameterArn(this, certificateParameter(handler, authority._pem).ref)); }
    if (authority?._parameter) { parameters.push(authority._parameter.parameterArn); }
    handler.grant(this, 'Policy',
      new iam.PolicyStatement({ actions: ['ssm:GetParameter'], resources: parameters }),
      ...secrets.flatMap((secret) => readSecret(this, secret)));
  }
}

function parameterArn(scope: IConstruct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name });
}

/** Exactly the right to read the secret: `grantRead` would also edit the policies of keys and secrets that belong to others. */
function readSecret(scope: IConstruct, secret: secretsmanager.ISecret): iam.PolicyStatement[] {
  const arn = secretArnForPolicies(scope, secret);
  requireOwnPartition(scope, 'the secret', partitionInArn(secret.secretArn), secret.secretArn);
  const statements = [new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] })];
  if (secret.encryptionKey) {
    statements.push(new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [secret.encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${secretRegion(secret)}.amazonaws.com` } },
    }));
  }
  return statements;
}

function certificateSource(handler: RegistrationHandler, authority: CertificateAuthority): CertificateSource {
  if (authority._pem) { return { parameterName: certificateParameter(handler, authority._pem).ref }; }
  if (authority._secret) { return { secretId: secretId(handler, authority._secret), secretField: authority._field }; }
  return { parameterName: authority._parameter!.parameterName };
}

function certificateParameter(handler: RegistrationHandler, pem: string): ssm.CfnParameter {
  const id = 'Certificates' + digest(handler, [pem]);
  return handler.node.tryFindChild(id) as ssm.CfnParameter | undefined ?? new ssm.CfnParameter(handler, id, {
    type: 'String',
    // SSM chooses where only CloudFormation knows the length.
    tier: isUnknown(pem) ? 'Intelligent-Tiering' : pem.length > STANDARD_TIER_LIMIT ? 'Advanced' : 'Standard',
    value: pem,
    description: 'Certificate authority of a ZenML server (cdk-zenml)',
  });
}

/** Tokens resolve to references, which are as stable as the logical ids they name; the path tells two stacks' references apart. */
function identityOf(document: object, secrets: secretsmanager.ISecret[]): unknown[] {
  return [document, secrets.map((secret) => Stack.of(secret).node.path)];
}
