import { invalidProp } from '../private/validation';

/** ZenML's names of AWS keys, which are the default names of their fields in a secret. */
export const ACCESS_KEY_ID_FIELD = 'aws_access_key_id';
export const SECRET_ACCESS_KEY_FIELD = 'aws_secret_access_key';
export const SESSION_TOKEN_FIELD = 'aws_session_token';

/** Throws when the serial number of an access key is invalid. */
export function validateAccessKeySerial(serial: number | undefined): void {
  if (serial !== undefined && (!Number.isInteger(serial) || serial < 0)) {
    throw invalidProp('accessKeySerial', 'must be a whole number of at least 0', serial, 'start with 0 and increase '
      + 'it by 1 for each rotation');
  }
}
