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
import type { _PemSource } from '../server/certificate-authority';
import type { ZenMLServer } from '../server/server';

/** Largest value of an SSM parameter in the standard tier, in characters (AWS's limit). */
const STANDARD_TIER_LIMIT = 4096;

/** Where AWS keys are in their secret. */
export interface KeysLocation {
  readonly secret: secretsmanager.ISecret;
  readonly accessKeyIdField: string;
  readonly secretAccessKeyField: string;
  readonly sessionTokenField?: string;
  readonly versionId?: string;
}

/**
 * Ties a secret to the one server that may receive it: an SSM parameter, which the handler trusts instead of the event,
 * and the policy that lets the handler read the parameter and the secret. The construct id depends on the content. A
 * changed binding is therefore a new resource, and CloudFormation deletes the old one after the cleanup Deletes of its
 * generation.
 */
export class SecretBinding extends Construct {
  /** The binding of a server's API key in the scope's stack. The first call defines it. */
  public static forServer(scope: IConstruct, server: ZenMLServer): SecretBinding {
    const settings = server._settings;
    const handler = RegistrationHandler.for(scope, server);
    const certificates = settings.certificateAuthority?._source;
    const document: ServerBinding = {
      kind: 'server',
      url: server.url,
      secretId: secretId(handler, server.apiKey),
      field: settings.apiKeyField,
      allowHttp: settings.allowHttp || undefined,
      workspaceId: settings.workspaceId,
      ca: certificates && certificateSource(handler, certificates),
      proxyUrl: settings.proxyUrl,
    };
    return SecretBinding.in(handler, 'Server', document, [server.apiKey, certificates?.secret], certificates);
  }

  /** The binding of AWS keys to the server that may store them, in the scope's stack. The first call defines it. */
  public static forKeys(scope: IConstruct, server: ZenMLServer, keys: KeysLocation): SecretBinding {
    const { secret, ...fields } = keys;
    const handler = RegistrationHandler.for(scope, server);
    const document: KeysBinding = { kind: 'keys', url: server.url, secretId: secretId(handler, secret), ...fields };
    return SecretBinding.in(handler, 'Keys', document, [secret]);
  }

  private static in(handler: RegistrationHandler, prefix: string, document: object,
    secrets: (secretsmanager.ISecret | undefined)[], certificates?: _PemSource): SecretBinding {
    const read = secrets.filter((secret) => secret !== undefined);
    const id = prefix + digest(handler, identityOf(document, read));
    const existing = handler.node.tryFindChild(id) as SecretBinding | undefined;
    return existing ?? new SecretBinding(handler, id, document, read, certificates);
  }

  /** Name of the SSM parameter, which a property of the registration holds. */
  public readonly parameterName: string;
  /** The rights to read the binding and its secrets, and nothing else. */
  public readonly readStatements: readonly iam.PolicyStatement[];

  private constructor(handler: RegistrationHandler, id: string, document: object,
    secrets: secretsmanager.ISecret[], certificates?: _PemSource) {
    super(handler, id);
    handler.countSecret();
    const parameter = new ssm.CfnParameter(this, 'Resource', {
      type: 'String',
      value: Stack.of(this).toJsonString(document),
      description: 'Names the only ZenML server that may receive a secret (cdk-zenml). Contains no secret',
    });
    this.parameterName = parameter.ref;
    const parameters = [parameterArn(this, parameter.ref)];
    if (certificates?.pem) { parameters.push(parameterArn(this, certificateParameter(handler, certificates.pem).ref)); }
    if (certificates?.parameter) { parameters.push(certificates.parameter.parameterArn); }
    this.readStatements = [
      new iam.PolicyStatement({ actions: ['ssm:GetParameter'], resources: parameters }),
      ...secrets.flatMap((secret) => readSecret(this, secret)),
    ];
    handler.grant(this, 'Policy', ...this.readStatements);
  }
}

/** ARN of a parameter of the scope's stack. */
export function parameterArn(scope: IConstruct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name });
}

/**
 * The right to read the secret. Not `grantRead`, which would also change the policies of keys and secrets that other
 * stacks own.
 */
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

function certificateSource(handler: RegistrationHandler, source: _PemSource): CertificateSource {
  const { pem, secret, field, parameter } = source;
  if (pem) { return { parameterName: certificateParameter(handler, pem).ref }; }
  if (secret) { return { secretId: secretId(handler, secret), secretField: field }; }
  return { parameterName: parameter!.parameterName };
}

function certificateParameter(handler: RegistrationHandler, pem: string): ssm.CfnParameter {
  const id = 'Certificates' + digest(handler, [pem]);
  return handler.node.tryFindChild(id) as ssm.CfnParameter | undefined ?? new ssm.CfnParameter(handler, id, {
    type: 'String',
    tier: parameterTier(pem),
    value: pem,
    description: 'Certificate authority of a ZenML server (cdk-zenml)',
  });
}

/** The tier that the length of the value needs. SSM chooses the tier of a value that is unknown at synth. */
function parameterTier(value: string): string {
  if (isUnknown(value)) { return 'Intelligent-Tiering'; }
  return value.length > STANDARD_TIER_LIMIT ? 'Advanced' : 'Standard';
}

/** The identity of a binding for its construct id. The paths distinguish references to secrets in different stacks. */
function identityOf(document: object, secrets: secretsmanager.ISecret[]): unknown[] {
  return [document, secrets.map((secret) => Stack.of(secret).node.path)];
}
