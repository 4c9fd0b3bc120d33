import { isIPv6 } from 'node:net';
import { UsageError } from '../errors.ts';

/** One switch to adopt, as the command line says it. */
export interface AdoptionOrder {
  /** What it is called until its own name is known: the name given, else the address. */
  readonly label: string;
  /** Absent: the switch's hostname. */
  readonly name?: string;
  readonly site: string;
  /** Without brackets. */
  readonly host: string;
  /** Absent: where its platform listens. */
  readonly port?: number;
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const ORDER = /^(?:(?:(?<site>[^/=]*)\/)?(?<name>[^/=]*)=)?(?<address>[^/=]+)$/;
const ADDRESS = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

/**
 * Reads `ams1/leaf01=10.0.0.11`, `leaf01=10.0.0.11`, `10.0.0.11:8765` and `[2001:db8::11]`.
 *
 * @param site Of those that name none.
 * @throws {UsageError} One of them cannot be read, or two are for the same place.
 */
export function readOrders(args: readonly string[], site: string | undefined): readonly AdoptionOrder[] {
  const orders = args.map((text) => readOrder(text, site));
  refuseTwice(orders, ({ host, port }) => `${host} ${port ?? ''}`, 'the address');
  refuseTwice(orders, ({ name }) => name, 'the name');
  return orders;
}

/** The address as a device file writes it. @param ownPort Where the platform listens anyway. */
export function addressOf({ host }: AdoptionOrder, port: number, ownPort: number): string {
  const bare = host.includes(':') ? `[${host}]` : host;
  return port === ownPort ? bare : `${bare}:${port}`;
}

function readOrder(text: string, defaultSite: string | undefined): AdoptionOrder {
  const groups = ORDER.exec(text)?.groups;
  const address = ADDRESS.exec(groups?.['address'] ?? '')?.groups;
  const host = (address?.['six'] ?? address?.['host'])?.toLowerCase();
  if (!groups || host === undefined || (address?.['six'] !== undefined && !isIPv6(host))) {
    throw unreadable(text, 'is not an address');
  }
  const site = groups['site'] ?? defaultSite;
  if (site === undefined) {
    throw new UsageError({
      problem: `it is not said at which site ${text} stands`,
      next: 'Write <site>/<name>=<address>, or give --site <site> for all of them.',
    });
  }
  const { name } = groups;
  for (const part of [site, ...(name === undefined ? [] : [name])]) {
    if (!NAME.test(part)) throw unreadable(text, `has "${part}", which cannot be a name in a fleet`);
  }
  const port = address?.['port'] === undefined ? undefined : Number(address['port']);
  if (port !== undefined && (port < 1 || port > 65_535)) throw unreadable(text, `has ${port}, which is not a port`);
  return {
    label: name ?? groups['address'] ?? text,
    ...(name === undefined ? {} : { name }),
    site,
    host,
    ...(port === undefined ? {} : { port }),
  };
}

function unreadable(text: string, what: string): UsageError {
  return new UsageError({
    problem: `"${text}" ${what}`,
    next: 'Write <site>/<name>=<address>, for example ams1/leaf01=10.0.0.11; with :port where it is not the usual one, IPv6 in brackets.',
  });
}

function refuseTwice(
  orders: readonly AdoptionOrder[],
  keyOf: (order: AdoptionOrder) => string | undefined,
  what: string,
): void {
  const seen = new Set<string>();
  for (const order of orders) {
    const key = keyOf(order);
    if (key === undefined) continue;
    if (seen.has(key)) {
      throw new UsageError({
        problem: `${what} of ${order.label} stands there twice`,
        next: 'Name every switch once.',
      });
    }
    seen.add(key);
  }
}
