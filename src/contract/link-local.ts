import { BlockList } from 'node:net';

/**
 * Link-local addresses, and the addresses of a cloud's per-machine services (credentials, instance metadata). No ZenML
 * server has such an address, and a caller who can choose the server's address must not reach these services.
 * `BlockList` recognizes IPv4 addresses that are mapped into IPv6.
 */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
// AWS instance metadata, and the credentials of EKS Pod Identity.
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');
LINK_LOCAL.addAddress('fd00:ec2::23', 'ipv6');
// 169.254.0.0/16 embedded in IPv6: IPv4-compatible, translated (SIIT), NAT64 and 6to4.
LINK_LOCAL.addSubnet('::a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('::ffff:0:a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('2002:a9fe::', 32, 'ipv6');

/** Whether the text is such an address, with or without brackets and zone id; false for host names. */
export function isLinkLocal(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%')[0]!;
  return LINK_LOCAL.check(bare, bare.includes(':') ? 'ipv6' : 'ipv4');
}
