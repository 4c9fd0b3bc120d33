import type { Json } from '../../schemas/json.ts';
import type { SandboxClock } from '../clock.ts';

/** One request as it came in. Passwords are not kept. */
export interface RecordedRequest {
  /** 1 for the first. */
  readonly n: number;
  /** Milliseconds of the sandbox's clock. */
  readonly at: number;
  readonly method: string;
  /** As on the wire, with its query: `/nvue_v1/revision/rev_6_apply_1%2Fstart`. */
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body?: Json;
  /** Who it claimed to be. */
  readonly user?: string;
  /** What it was answered with; absent while it was not. */
  readonly status?: number;
}

interface RequestEvent {
  /** `received`: not acted on yet. `performed`: acted on, not answered yet. */
  readonly phase: 'received' | 'performed';
  readonly request: RecordedRequest;
  /** True for everything but GET and HEAD. */
  readonly mutating: boolean;
}

export type RequestListener = (event: RequestEvent) => void | Promise<void>;

interface LoggedRequest {
  tell(phase: RequestEvent['phase']): Promise<void>;
  performed(status: number): void;
}

export interface RequestLog {
  receive(request: {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly body: Json | undefined;
    readonly user: string | undefined;
  }): LoggedRequest;
  all(): readonly RecordedRequest[];
  /** The most requests in any 1,000 ms. */
  peakPerSecond(): number;
  listen(listener: RequestListener): () => void;
}

export function createRequestLog(clock: SandboxClock, recordBodies: boolean): RequestLog {
  const requests: RecordedRequest[] = [];
  const listeners = new Set<RequestListener>();

  return {
    receive({ method, path, query, body, user }) {
      const index = requests.length;
      const names = [...new Set(query.keys())];
      requests.push({
        n: index + 1,
        at: clock.now(),
        method,
        path,
        query: Object.fromEntries(names.map((name) => [name, query.getAll(name)])),
        ...(recordBodies && body !== undefined ? { body } : {}),
        ...(user === undefined ? {} : { user }),
      });
      return {
        async tell(phase) {
          const request = requests[index];
          if (!request) return;
          const mutating = method !== 'GET' && method !== 'HEAD';
          for (const listener of listeners) await listener({ phase, request, mutating });
        },
        performed(status) {
          const request = requests[index];
          if (request) requests[index] = { ...request, status };
        },
      };
    },
    all: () => [...requests],
    peakPerSecond() {
      const times = requests.map(({ at }) => at).sort((a, b) => a - b);
      let peak = 0;
      let first = 0;
      times.forEach((time, last) => {
        while (time - (times[first] ?? time) >= 1000) first++;
        peak = Math.max(peak, last - first + 1);
      });
      return peak;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
