import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSandboxCa, issueSelfSigned } from '../../../sandbox/switches/certificates.ts';

describe('a certificate a switch makes for itself', () => {
  it('is for its address and its name, and signed by its own key', () => {
    const issued = issueSelfSigned(['127.0.0.1', 'leaf01']);

    const certificate = new X509Certificate(issued.certificatePem);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('leaf01')).toBe('leaf01');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('is pinned by the SHA-256 of its DER', () => {
    const issued = issueSelfSigned(['127.0.0.1', 'leaf01']);

    const { raw } = new X509Certificate(issued.certificatePem);
    expect(issued.pin).toBe(`sha256:${createHash('sha256').update(raw).digest('hex')}`);
  });

  it('is another one each time', () => {
    expect(issueSelfSigned(['127.0.0.1']).pin).not.toBe(issueSelfSigned(['127.0.0.1']).pin);
  });
});

describe('a certificate of a sandbox CA', () => {
  it('is verified by that CA and by no other, and is no CA itself', () => {
    const ca = new X509Certificate(createSandboxCa().certificatePem);
    const issuer = createSandboxCa();
    const certificate = new X509Certificate(issuer.issue(['::1', 'leaf01']).certificatePem);

    expect(certificate.verify(new X509Certificate(issuer.certificatePem).publicKey)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(false);
    expect(certificate.checkIP('::1')).toBe('::1');
    expect([ca.ca, certificate.ca]).toEqual([true, false]);
  });
});
