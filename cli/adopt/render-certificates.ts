import { visible } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import { renderErrorDocument } from '../render-error.ts';
import type { LookedAt } from './prove-switches.ts';

/** What the operator has to look at before any password is sent: certificates, how to compare them, how to go on. */
export function renderCertificates(looked: readonly LookedAt[]): string {
  const unproven = looked.filter((one) => one.kind === 'unproven');
  const failed = looked.filter((one) => one.kind === 'failed');
  const ports = [...new Set(unproven.map((one) => one.port))];
  const port = ports.length === 1 ? ports[0] : '<port>';
  const lines = [
    `${count(unproven.length, 'switch answers', 'switches answer')} with a certificate nobody has accepted yet. No password was sent to any switch.`,
    ...unproven.flatMap(({ order, port: at, shown }) => [
      '',
      `${order.label} (${order.host}:${at})`,
      `  ${shown.pin}`,
      `  ${visible(shown.subject).slice(0, 200) || 'without a name'}, valid until ${dayOf(shown.validTo)}`,
    ]),
    '',
    'Compare each with what the switch says on its console:',
    `  openssl s_client -connect localhost:${port} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
    'Then run the same command again with those that are right:',
    `  ${unproven.map(({ shown }) => `--accept-pin ${shown.pin}`).join(' \\\n  ')}`,
    'Instead, --ca <file> believes what that CA signed. --trust-on-first-use believes whoever answers: who sits between you',
    'and a switch then gets the password of the account for planning.',
  ];
  return `${lines.join('\n')}\n${failed.map(({ error }) => `\n${renderErrorDocument(error.toJSON())}`).join('')}`;
}

function dayOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'a day it does not say';
}

/** For programs. */
export function certificatesJson(looked: readonly LookedAt[]): string {
  const certificates = looked.map((one) => {
    const { label, site, host } = one.order;
    const at = { switch: label, site, host };
    if (one.kind === 'failed') return { ...at, accepted: false, error: one.error };
    const { pin, subject, validTo } = one.shown;
    return { ...at, port: one.port, accepted: one.kind === 'proven', pin, subject, validTo };
  });
  return `${JSON.stringify({ adopted: false, certificates }, undefined, 2)}\n`;
}
