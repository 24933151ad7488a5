import { isIPv4, isIPv6 } from 'node:net';

/** 169.254.0.0/16, fe80::/10, the same mapped into IPv6, and AWS's metadata address in IPv6. */
export function isLinkLocal(address: string): boolean {
  if (isIPv4(address)) { return address.startsWith('169.254.'); }
  if (!isIPv6(address)) { return false; }
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  return /^fe[89ab][0-9a-f]:/.test(canonical) || /^::ffff:a9fe:/.test(canonical) || canonical === 'fd00:ec2::254';
}
