/**
 * A place in a file: the path as the operator knows it and the absolute byte offset.
 * `offset` is left out where the whole file is meant.
 */
export interface Site {
  readonly path: string;
  readonly offset?: number | undefined;
}

export function siteText(site: Site): string {
  return site.offset === undefined ? site.path : `${site.path} @${site.offset}`;
}
