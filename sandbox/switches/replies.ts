/** What the API answers with. Source: device-protocols reference A.11. */

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, with the content type of `headers`; anything else as JSON; absent: no body. */
  readonly body?: unknown;
}

/** One value the schema refuses. */
export interface Refusal {
  readonly error: string;
  /** JSON pointer into the request's body. */
  readonly instanceLocation: string;
}

export function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

export function problem(status: number, detail: string): Reply {
  return { status, body: { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail } };
}

export function validationProblem(refusals: readonly Refusal[]): Reply {
  const first = refusals[0];
  return {
    status: 400,
    body: {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: first ? `Error at '${first.instanceLocation}': ${first.error}` : 'Bad request',
      validation: { selected_errors: refusals },
    },
  };
}

export const notFound = (): Reply => problem(404, 'The requested item does not exist.');

/** As nginx says it when nvued does not answer. */
export function badGateway(): Reply {
  return {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  };
}

export function unauthorised(as: 'html' | 'json'): Reply {
  const headers = { 'www-authenticate': 'Basic realm="Authentication required"' };
  if (as === 'json') {
    return { ...problem(401, 'Authentication failed.'), headers };
  }
  return {
    status: 401,
    headers: { ...headers, 'content-type': 'text/html' },
    body: '<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  422: 'Unprocessable Entity',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
