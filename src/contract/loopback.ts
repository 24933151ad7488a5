const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** Whether the host of a URL is the local machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
