/** ZenML's names of AWS keys, which are the default names of their fields in a secret. */
export const ACCESS_KEY_ID_FIELD = 'aws_access_key_id';
export const SECRET_ACCESS_KEY_FIELD = 'aws_secret_access_key';
export const SESSION_TOKEN_FIELD = 'aws_session_token';
