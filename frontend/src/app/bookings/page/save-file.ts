/** Hands a file made in the browser to its owner. */
export function saveFile(page: Document, content: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = page.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
