import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';

/** Largest value of an SSM parameter in the advanced tier, in characters (AWS's limit). */
const PEM_MAX_LENGTH = 8192;

/** @internal where the PEM text is: exactly one of `pem`, `secret` and `parameter` is set */
export interface _PemSource {
  readonly pem?: string;
  readonly secret?: secretsmanager.ISecret;
  /** JSON field of the secret. */
  readonly field?: string;
  readonly parameter?: ssm.IStringParameter;
}

/**
 * A private certificate authority that issued the server's certificate. The registration function trusts it in addition
 * to the public ones. The source holds PEM text with one or several certificates.
 */
export abstract class CertificateAuthority {
  /**
   * PEM text, which the construct stores in an SSM parameter of the CloudFormation stack. Certificates are public.
   * Never pass a private key.
   *
   * @param pem at most 8192 characters (AWS's limit for an SSM parameter); use `fromSecret` for a longer text
   * @throws when the text contains no certificate, contains a private key, or is too long
   */
  public static fromPem(pem: string): CertificateAuthority {
    if (!isUnknown(pem)) { validatePem(pem); }
    return new PemCertificateAuthority({ pem });
  }

  /**
   * PEM text in a secret.
   *
   * @param secret the secret
   * @param field JSON field of the secret; without a field the whole text of the secret is the PEM text
   */
  public static fromSecret(secret: secretsmanager.ISecret, field?: string): CertificateAuthority {
    return new PemCertificateAuthority({ secret, field });
  }

  /**
   * PEM text in an SSM parameter of type String.
   *
   * @param parameter the parameter
   */
  public static fromParameter(parameter: ssm.IStringParameter): CertificateAuthority {
    return new PemCertificateAuthority({ parameter });
  }

  /** @internal */
  public abstract readonly _source: _PemSource;

  protected constructor() {}
}

class PemCertificateAuthority extends CertificateAuthority {
  /** @internal */
  public constructor(public readonly _source: _PemSource) { super(); }
}

function validatePem(pem: string): void {
  if (/PRIVATE KEY/.test(pem)) {
    throw synthError(
      'CZ143',
      '`pem` must not contain a private key: pass only the certificate of the certificate authority',
    );
  }
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(pem)) {
    throw synthError('CZ143', '`pem` must contain a certificate in PEM form (-----BEGIN CERTIFICATE-----), '
      + `got: ${pem.length} characters without one: pass the content of the certificate file`);
  }
  if (pem.length > PEM_MAX_LENGTH) {
    throw synthError(
      'CZ105',
      `\`pem\` must have at most ${PEM_MAX_LENGTH} characters (AWS's limit for an SSM parameter), `
        + `got: ${pem.length} characters: use CertificateAuthority.fromSecret`,
    );
  }
}
