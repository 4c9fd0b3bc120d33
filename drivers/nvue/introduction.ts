import { isTree } from '../../schemas/json.ts';
import type { Introduction } from '../driver.ts';
import type { Conversation } from './conversation.ts';
import { MANAGEMENT, PRODUCTS, paths } from './facts.ts';
import { nodeAt } from './tree.ts';

/**
 * What kind of switch this is. Releases before `product-name` say it at the beginning of `build`.
 *
 * @param system The answer to {@link paths.system}.
 */
export async function readIntroduction(
  talk: Conversation,
  system: unknown,
  signal: AbortSignal,
): Promise<Introduction> {
  const text = (key: string): string | undefined => {
    const value = isTree(system) ? nodeAt(system, [key]) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const product = text('product-name') ?? text('build') ?? '';
  const platform = PRODUCTS.find((known) => known.name.test(product))?.platform;
  const mac = await readManagementMac(talk, signal);
  return { product, ...(platform === undefined ? {} : { platform }), ...(mac === undefined ? {} : { mac }) };
}

const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** Nothing rests on it, so a switch that does not say it is none the worse. */
async function readManagementMac(talk: Conversation, signal: AbortSignal): Promise<string | undefined> {
  const { status, json } = await talk.http.get(paths.link(MANAGEMENT.interface), signal);
  const mac = status === 200 && isTree(json) ? nodeAt(json, ['mac']) : undefined;
  const lower = typeof mac === 'string' ? mac.toLowerCase() : '';
  return MAC.test(lower) ? lower : undefined;
}
