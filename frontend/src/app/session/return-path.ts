/**
 * Where to go after signing in. Only a path of this site: what comes from a link must not send
 * anybody elsewhere.
 */
export function returnPath(wanted: string | undefined): string {
  const isPath = wanted !== undefined && /^\/(?![/\\])/.test(wanted);
  return isPath && !/^\/sign-(in|up)\b/.test(wanted) ? wanted : '/';
}
