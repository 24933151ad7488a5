import { isLinkLocal } from '../../src/contract/link-local';
import { brokenServerUrlRule } from '../../src/contract/rules';

test.each([
  '169.254.169.254',
  '169.254.0.1',
  'fe80::1',
  'febf::1%eth0',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:1',
  'fd00:ec2::254',
  'FD00:EC2::254',
  'fd00:ec2::23',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::169.254.170.2',
  '::a9fe:a9fe',
  '::ffff:0:a9fe:a9fe',
  '2002:a9fe:a9fe::1',
])('%s is link-local, for both rules', (address) => {
  expect(isLinkLocal(address)).toBe(true);
  expect(isLinkLocal(`[${address}]`)).toBe(true);
  if (!address.includes('%')) {
    expect(brokenServerUrlRule(`https://${address.includes(':') ? `[${address}]` : address}`)).toMatch(/link-local/);
  }
});

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '169.253.0.1',
  '::1',
  'fec0::1',
  '2001:db8::1',
  'fd00::1',
  'fd00:ec2::255',
  '64:ff9b::a00:1',
  '1:fe80::1',
  '1::ffff:a9fe:1',
  'host',
  '',
  'zenml.example:8080',
])('%s is not link-local', (address) => expect(isLinkLocal(address)).toBe(false));
