// Hand a reader a file: made here, sent nowhere.

/** @param {Blob} blob @param {string} name file name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers start reading after the click
}
