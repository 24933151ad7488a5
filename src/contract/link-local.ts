import { BlockList } from 'node:net';

/**
 * Addresses of a machine's own network link, and of the services that a cloud offers to one machine there (credentials, metadata). No ZenML
 * server has one, and whoever can choose an address must not reach them. `BlockList` sees IPv4 that is mapped into IPv6 by itself.
 */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
// AWS: instance metadata, and the credentials of EKS Pod Identity.
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');
LINK_LOCAL.addAddress('fd00:ec2::23', 'ipv6');
// 169.254.0.0/16 inside of IPv6: compatible, translated (SIIT), NAT64 and 6to4.
LINK_LOCAL.addSubnet('::a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('::ffff:0:a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
LINK_LOCAL.addSubnet('2002:a9fe::', 32, 'ipv6');

/** Whether the text is such an address, in brackets and with a zone id or without; false for names. */
export function isLinkLocal(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%')[0]!;
  return LINK_LOCAL.check(bare, bare.includes(':') ? 'ipv6' : 'ipv4');
}
