/** Methods of an object in another process, called one at a time. */
import { fork } from 'node:child_process';
import { basename } from 'node:path';

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly kind: 'returned'; readonly value?: unknown }
  | { readonly kind: 'threw'; readonly text: string };

/** Starts a process that calls {@link serveCalls}. One call at a time. */
export function forkCalls<Served>(file: string): {
  call<Name extends keyof Served & string>(method: Name): Served[Name];
  stop(): void;
} {
  const child = fork(file, { serialization: 'advanced' });
  const perform = (method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => {
        reject(new Error(`${basename(file)} ended with ${code} during ${method}`));
      };
      child.once('exit', ended);
      child.once('message', (answer: Answer) => {
        child.off('exit', ended);
        if (answer.kind === 'returned') resolve(answer.value);
        else reject(new Error(`${method} failed: ${answer.text}`));
      });
      child.send({ method, args } satisfies Call);
    });
  return {
    // Either side of the pipe is this room's.
    call: (method) => ((...args: readonly unknown[]) => perform(method, args)) as never,
    stop() {
      child.removeAllListeners();
      child.kill();
    },
  };
}

/** What the started process does. It ends with whoever started it: nobody else would end it. */
export function serveCalls(served: object): void {
  process.on('message', ({ method, args }: Call) => {
    const answer = (value: Answer): void => void process.send?.(value);
    // The other side of the pipe calls only what there is, with what it takes.
    const perform = Reflect.get(served, method) as (...args: readonly unknown[]) => Promise<unknown>;
    perform(...args).then(
      (value) => answer({ kind: 'returned', value }),
      (error: unknown) => answer({ kind: 'threw', text: error instanceof Error ? `${error.stack}` : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
