import { unprocessable } from './errors.ts';
import { isoTimeOrNull, nodeId } from './people-bodies.ts';
import { ok } from './rest-answer.ts';
import type { RouteTable } from './rest-call.ts';

/** The two questions that only GraphQL answers: who has this token, and whether a comment was ever edited. */
export const graphqlRoutes: RouteTable = {
  'POST /graphql': ({ by, context, input }) => {
    const query = String(input['query']);
    if (/\bviewer\s*\{\s*login\s*\}/.test(query)) return ok({ data: { viewer: { login: by.login } } });
    if (!/\bnode\(id: \$id\)\s*\{\s*\.\.\. on IssueComment\s*\{\s*id lastEditedAt\s*\}/.test(query)) {
      throw unprocessable('only a viewer’s login and when a comment was last edited are emulated');
    }
    const { id } = (input['variables'] ?? {}) as { readonly id?: unknown };
    const comment = context.state.comments.find((candidate) => nodeId('IC', candidate.id) === id);
    if (comment) return ok({ data: { node: { id, lastEditedAt: isoTimeOrNull(comment.editedAt) } } });
    const message = `Could not resolve to a node with the global id of '${String(id)}'`;
    return ok({ data: { node: null }, errors: [{ type: 'NOT_FOUND', path: ['node'], message }] });
  },
};
