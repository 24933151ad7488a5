import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { isUnknown } from '../private/known';

/** Largest value of an SSM parameter (advanced tier), in characters: AWS's limit. */
const PEM_MAX_LENGTH = 8192;

/**
 * A private certificate authority that signed the server's certificate, trusted beside the public ones. PEM text, one or several
 * certificates.
 */
export abstract class CertificateAuthority {
  /**
   * PEM text, stored in an SSM parameter of the stack. Certificates are public; never pass a private key.
   *
   * @param pem at most 8192 characters (AWS's limit for a parameter); for more use `fromSecret`
   * @throws when the text holds no certificate, holds a private key, or is too long
   */
  public static fromPem(pem: string): CertificateAuthority {
    if (isUnknown(pem)) { return new CertificateSource(pem); }
    if (/PRIVATE KEY/.test(pem)) { throw new Error('`pem` holds a private key: pass only the certificate of the authority'); }
    if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(pem)) {
      throw new Error(`\`pem\` must hold a certificate in PEM form (-----BEGIN CERTIFICATE-----), got ${pem.length} characters without one`);
    }
    if (pem.length > PEM_MAX_LENGTH) {
      throw new Error(`\`pem\` must have at most ${PEM_MAX_LENGTH} characters (AWS's limit for an SSM parameter), got: ${pem.length}; use CertificateAuthority.fromSecret`);
    }
    return new CertificateSource(pem);
  }

  /**
   * PEM text in a secret.
   *
   * @param secret the secret
   * @param field its JSON field; without one the secret's whole text is the PEM
   */
  public static fromSecret(secret: secretsmanager.ISecret, field?: string): CertificateAuthority {
    return new CertificateSource(undefined, secret, field);
  }

  /**
   * PEM text in an SSM parameter (a plain one; certificates are public).
   *
   * @param parameter the parameter
   */
  public static fromParameter(parameter: ssm.IStringParameter): CertificateAuthority {
    return new CertificateSource(undefined, undefined, undefined, parameter);
  }

  /** @internal */
  public abstract readonly _pem?: string;
  /** @internal */
  public abstract readonly _secret?: secretsmanager.ISecret;
  /** @internal */
  public abstract readonly _field?: string;
  /** @internal */
  public abstract readonly _parameter?: ssm.IStringParameter;

  protected constructor() {}
}

class CertificateSource extends CertificateAuthority {
  public constructor(
    public readonly _pem?: string,
    public readonly _secret?: secretsmanager.ISecret,
    public readonly _field?: string,
    public readonly _parameter?: ssm.IStringParameter,
  ) { super(); }
}
