import { RegistrationOptions } from './registration-options';

/** Only the registration options of props, for a construct that passes them on to the constructs that it contains. */
export function pickRegistrationOptions(props: RegistrationOptions): RegistrationOptions {
  const { server, labels, adoptExisting, removalPolicy, onUnreachableServer, detachFromStacks, repairTrigger } = props;
  return { server, labels, adoptExisting, removalPolicy, onUnreachableServer, detachFromStacks, repairTrigger };
}
