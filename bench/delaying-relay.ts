import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';

/**
 * A relay of bytes to a port of 127.0.0.1 that is as far away as a server of another Region: each way takes so many
 * milliseconds.
 */
export class DelayingRelay {
  public static async start(target: number, oneWayMs: number): Promise<DelayingRelay> {
    const relay = new DelayingRelay(target, oneWayMs);
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly target: number, private readonly oneWayMs: number) {
    this.server = createServer((client) => {
      // A TCP handshake over the distance takes one round trip before the first byte can be sent.
      client.pause();
      setTimeout(() => this.join(client), 2 * oneWayMs);
    });
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  public async stop(): Promise<void> {
    for (const socket of this.sockets) { socket.destroy(); }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const server = connect({ host: '127.0.0.1', port: this.target });
    this.pass(client, server);
    this.pass(server, client);
    client.resume();
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), this.oneWayMs));
    from.on('end', () => setTimeout(() => to.end(), this.oneWayMs));
    from.on('error', () => to.destroy());
    from.on('close', () => this.sockets.delete(from));
  }
}
