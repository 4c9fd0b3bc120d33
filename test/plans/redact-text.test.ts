import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactText } from '../../plans/redact-text.ts';

describe('redactText()', () => {
  it.each([
    { form: 'as it is', text: 'login with hush"hush failed' },
    { form: 'in JSON', text: JSON.stringify({ password: 'hush"hush' }) },
    { form: 'in a URL', text: `https://x/?p=${encodeURIComponent('hush"hush')}` },
    { form: 'in base64', text: Buffer.from('hush"hush').toString('base64') },
    { form: 'in the base64 of a login', text: `Basic ${Buffer.from('ana:hush"hush').toString('base64')}` },
    { form: 'in the base64 of a longer login', text: `Basic ${Buffer.from('root:hush"hush:more').toString('base64')}` },
    { form: 'in base64url without padding', text: Buffer.from('x:hush"hush').toString('base64url') },
  ])('takes a secret out $form', ({ text }) => {
    const redacted = redactText(text, ['hush"hush']);

    expect(redacted).toContain('«redacted»');
    expect(redacted).not.toMatch(/hush|aHVza/);
  });

  it('takes a secret out whole when another is a part of it', () => {
    expect(redactText('a hush-long b', ['hush', 'hush-long'])).toBe('a «redacted» b');
  });

  it('takes out a secret that was learned after the first text', () => {
    const known = ['first-secret'];
    const redact = createRedactor(() => known);
    redact('first-secret');

    known.push('later-secret');

    expect(redact('first-secret later-secret')).toBe('«redacted» «redacted»');
  });

  it('leaves short values and other text alone', () => {
    expect(redactText('abc abc', ['abc', '', 'zzzz'])).toBe('abc abc');
  });

  it('leaves digests and fingerprints whole, however short a secret is', () => {
    const text = `p1:${'1234'.repeat(16)} «secret:1234123412341234» 1234`;

    expect(redactText(text, ['1234', 'secret'])).toBe(`p1:${'1234'.repeat(16)} «secret:1234123412341234» «redacted»`);
  });

  it('leaves no known secret in any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 4, maxLength: 12 }),
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        (secret, before, after) => {
          fc.pre(!'«redacted»'.includes(secret) && !secret.includes('redacted'));

          expect(redactText(`${before}${secret}${after}`, [secret]).replaceAll('«redacted»', '\n')).not.toContain(
            secret,
          );
        },
      ),
    );
  });
});
