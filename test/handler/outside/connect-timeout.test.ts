import { EventEmitter } from 'node:events';
import * as http from 'node:http';
import { limitConnecting } from '../../../src/handler/outside/connect-timeout';

describe('connecting', () => {
  beforeEach(() => { jest.useFakeTimers(); });
  afterEach(() => { jest.useRealTimers(); });

  const start = (host: string) => {
    const request = Object.assign(new EventEmitter(), { destroy: jest.fn() });
    const socket = new EventEmitter();
    limitConnecting(request as unknown as http.ClientRequest, host);
    request.emit('socket', socket);
    return { socket, ended: () => request.destroy.mock.calls.map(([error]) => error as unknown) };
  };
  const refused = [
    expect.objectContaining({
      name: 'TransportError',
      failure: 'refused',
      code: 'ETIMEDOUT',
      message: 'could not be reached (no connection within 5 s)',
    }),
  ];

  test('a connection to an address may take 5 s', () => {
    for (const host of ['10.0.0.1', '2001:db8::1']) {
      const { ended } = start(host);
      jest.advanceTimersByTime(4_999);
      expect(ended()).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(ended()).toEqual(refused);
    }
  });

  test('a connection to a name may take its look-up, and then 5 s, however many addresses it has', () => {
    const { socket, ended } = start('zenml.example');
    jest.advanceTimersByTime(20_000);
    socket.emit('lookup');
    jest.advanceTimersByTime(4_000);
    socket.emit('lookup');
    expect(ended()).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(ended()).toEqual(refused);
  });

  test.each(['connect', 'close'])('the event "%s" ends the limit for connecting', (event) => {
    const { socket, ended } = start('10.0.0.1');
    socket.emit(event);
    jest.advanceTimersByTime(60_000);
    expect(ended()).toEqual([]);
  });
});
