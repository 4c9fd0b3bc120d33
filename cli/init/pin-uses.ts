/** Where actions and workflows of Pointsman are taken from. */
export interface Pin {
  /** `owner/name` */
  readonly repository: string;
  /** 40 hex digits. */
  readonly commit: string;
  /** For people, behind the commit: `v0.2.0`. Nothing unless given. */
  readonly says?: string;
}

/**
 * Lets every `uses:` of Pointsman's own action or workflows name another commit. What stands behind it as a comment is
 * replaced too: it would say something that is not so.
 *
 * @param kind The action itself (`owner/name@commit`), or a workflow in it (`owner/name/.github/workflows/x.yml@commit`).
 */
export function pinUses(text: string, kind: 'action' | 'workflow', { repository, commit, says }: Pin): string {
  const comment = says === undefined ? '' : ` # ${says}`;
  return text.replaceAll(
    USES[kind],
    (_, start: string, path: string) => `${start}${repository}${path}@${commit}${comment}`,
  );
}

/** Whether a workflow names a commit that is none: so it stands in copies of Pointsman that are no release. */
export function usesNoRelease(text: string): boolean {
  return /^\s+uses: \S+@0{40}(?:\s|$)/m.test(text);
}

const USES = {
  action: /^(\s+uses: )[\w.-]+\/pointsman()@[0-9a-f]{40}(?: #.*)?$/gm,
  workflow: /^(\s+uses: )[\w.-]+\/[\w.-]+(\/\.github\/workflows\/fleet-[\w.-]+\.yml)@[0-9a-f]{40}(?: #.*)?$/gm,
} as const;
