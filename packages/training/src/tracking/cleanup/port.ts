/** What tracking needs of whoever keeps the files: the file server of the same installation. */
export interface FileRemoval {
  /** The path that a URL names on this installation's file server; undefined when it lies elsewhere or names nothing. */
  pathOf(url: string): string | undefined;
  /** Every URL by which that file may be referred to. */
  urlsOf(path: string): string[];
  /** Removes a file; one that is not there, or was written later than `writtenBefore`, is no fault. Rejects when it may be tried again. */
  remove(path: string, options: { writtenBefore?: Date }): Promise<'removed' | 'nothing'>;
}
