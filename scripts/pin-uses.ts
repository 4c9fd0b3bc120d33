/**
 * Lets every `uses:` of Pointsman's own action or workflows name another commit. What stands behind it as a comment is
 * replaced too: it would say something that is not so.
 *
 * @param kind The action itself (`owner/name@commit`), or a workflow in it (`owner/name/.github/workflows/x.yml@commit`).
 * @param repository `owner/name`
 * @param commit 40 hex digits.
 * @param says For people, behind the commit: `v0.2.0`.
 */
export function pinUses(
  text: string,
  kind: 'action' | 'workflow',
  { repository, commit, says }: { readonly repository: string; readonly commit: string; readonly says: string },
): string {
  return text.replaceAll(
    USES[kind],
    (_, start: string, path: string) => `${start}${repository}${path}@${commit} # ${says}`,
  );
}

const USES = {
  action: /^(\s+uses: )[\w.-]+\/pointsman()@[0-9a-f]{40}(?: #.*)?$/gm,
  workflow: /^(\s+uses: )[\w.-]+\/pointsman(\/\.github\/workflows\/[\w.-]+\.yml)@[0-9a-f]{40}(?: #.*)?$/gm,
} as const;
