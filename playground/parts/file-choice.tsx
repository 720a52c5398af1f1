/** A button that lets the visitor choose files or a folder, in the page’s own words. */

interface FileChoiceProps {
  /** What the button says. */
  readonly text: string;
  /** What it is for: `data-choose` of its input. */
  readonly name: string;
  /** Which files are offered, as an input takes it; all if it is left out. */
  readonly accept?: string;
  /** Default: one file. */
  readonly what?: 'files' | 'folder';
  /** Called with the files, at least one. */
  readonly onChoose: (files: readonly File[]) => void;
}

export function FileChoice({ text, name, accept, what, onChoose }: FileChoiceProps) {
  return (
    <label class="file-choice">
      {text}
      <input
        type="file"
        data-choose={name}
        {...(accept !== undefined && { accept })}
        multiple={what === 'files'}
        {...(what === 'folder' && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same files may be chosen again, after they were changed.
          currentTarget.value = '';
          if (files.length > 0) onChoose(files);
        }}
      />
    </label>
  );
}
