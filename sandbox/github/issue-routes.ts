import type { Actions } from './actions.ts';
import { commentBody } from './bodies.ts';
import { notFound } from './errors.ts';
import { issueBody, pullAsIssueBody } from './issue-bodies.ts';
import { givenTo, reactionBody } from './reaction-bodies.ts';
import { ok, pages } from './rest-answer.ts';
import { optionalText, type RestCall, type RouteTable, textIn } from './rest-call.ts';
import type { Comment, Issue, Pull } from './state.ts';

const repo = '/repos/{owner}/{repo}';

/** Issues, the comments on them and on pull requests, and reactions to those. */
export function createIssueRoutes(actions: Actions): RouteTable {
  /** A pull request is an issue as well. */
  function subjectOf({ path, context }: RestCall): Issue | Pull {
    const number = Number(path['issue_number']);
    const found = [...context.state.issues, ...context.state.pulls].find((candidate) => candidate.number === number);
    if (!found) throw notFound();
    return found;
  }

  const bodyOf = ({ context }: RestCall, subject: Issue | Pull) =>
    'reviews' in subject ? pullAsIssueBody(context, subject) : issueBody(context, subject);

  function commentOf({ path, context }: RestCall): Comment {
    const found = context.state.comments.find(({ id }) => id === Number(path['comment_id']));
    if (!found) throw notFound();
    return found;
  }

  return {
    [`GET ${repo}/issues`]: (call) => {
      const { context, query } = call;
      const state = query.get('state') ?? 'open';
      const creator = query.get('creator')?.toLowerCase();
      const found = [...context.state.issues, ...context.state.pulls]
        .filter((subject) => state === 'all' || subject.state === state)
        .filter((subject) => creator === undefined || subject.author.toLowerCase() === creator)
        .toSorted((a, b) => a.number - b.number);
      const ordered = query.get('direction') === 'asc' ? found : found.toReversed();
      return pages(ordered.map((subject) => bodyOf(call, subject)));
    },
    [`POST ${repo}/issues`]: ({ by, input, context }) => {
      const opened = actions.openIssue(by, { title: textIn(input, 'title'), body: optionalText(input, 'body') ?? '' });
      return ok(issueBody(context, opened), 201);
    },
    // Before the issues, of which none is called "comments".
    [`GET ${repo}/issues/comments`]: ({ context, query }) => {
      const since = Date.parse(query.get('since') ?? '');
      const updated = query.get('sort') === 'updated';
      const found = context.state.comments
        .filter(({ updatedAt }) => Number.isNaN(since) || Math.floor(updatedAt / 1000) * 1000 >= since)
        .toSorted((a, b) => (updated ? a.updatedAt - b.updatedAt : a.id - b.id));
      const backwards = query.has('sort') && query.get('direction') === 'desc';
      return pages((backwards ? found.toReversed() : found).map((comment) => commentBody(context, comment)));
    },
    [`GET ${repo}/issues/{issue_number}`]: (call) => ok(bodyOf(call, subjectOf(call))),
    [`PATCH ${repo}/issues/{issue_number}`]: async (call) => {
      const { by, input } = call;
      const { number } = subjectOf(call);
      const [title, body, stateReason] = ['title', 'body', 'state_reason'].map((name) => optionalText(input, name));
      const word = input['state'];
      const state: Issue['state'] | undefined = word === 'open' || word === 'closed' ? word : undefined;
      const change = {
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        ...(state === undefined ? {} : { state }),
      };
      const isPull = call.context.state.pulls.some((pull) => pull.number === number);
      const edited = isPull
        ? await actions.editPull(by, number, change)
        : actions.editIssue(by, number, { ...change, ...(stateReason === undefined ? {} : { stateReason }) });
      return ok(bodyOf(call, edited));
    },

    [`GET ${repo}/issues/{issue_number}/comments`]: (call) => {
      const { number } = subjectOf(call);
      const found = call.context.state.comments.filter((comment) => comment.pull === number);
      return pages(found.map((comment) => commentBody(call.context, comment)));
    },
    [`POST ${repo}/issues/{issue_number}/comments`]: (call) => {
      const made = actions.comment(call.by, subjectOf(call).number, textIn(call.input, 'body'));
      return ok(commentBody(call.context, made), 201);
    },
    [`GET ${repo}/issues/comments/{comment_id}`]: (call) => ok(commentBody(call.context, commentOf(call))),
    [`PATCH ${repo}/issues/comments/{comment_id}`]: ({ by, path, input, context }) => {
      const edited = actions.editComment(by, Number(path['comment_id']), textIn(input, 'body'));
      return ok(commentBody(context, edited));
    },
    [`DELETE ${repo}/issues/comments/{comment_id}`]: ({ by, path }) => {
      actions.deleteComment(by, Number(path['comment_id']));
      return { kind: 'empty', status: 204 };
    },

    [`GET ${repo}/issues/comments/{comment_id}/reactions`]: (call) => {
      const { id } = commentOf(call);
      const content = call.query.get('content');
      const found = givenTo(call.context, id).filter((reaction) => content === null || reaction.content === content);
      return pages(found.map((reaction) => reactionBody(call.context, reaction)));
    },
    [`POST ${repo}/issues/comments/{comment_id}/reactions`]: ({ by, path, input, context }) => {
      const { reaction, made } = actions.react(by, Number(path['comment_id']), textIn(input, 'content'));
      return ok(reactionBody(context, reaction), made ? 201 : 200);
    },
  };
}
