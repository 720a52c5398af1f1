/** What becomes of a network that learned in the page: the other parts take it, or it is saved. */
import { bringModel, pageData } from '../../model/embedded';
import { usePageState } from '../../page-state';
import { useTexts } from '../../texts/language';
import { training as table } from '../../texts/training';
import type { SavedAs, SavedFiles } from '../messages';
import { savedNetwork } from '../session';
import type { TrainingState } from '../state';

export function Keep({ state: { phase, choices } }: { readonly state: TrainingState }) {
  const texts = useTexts(table);
  const { change } = usePageState();
  const isThere = phase === 'paused' || phase === 'playing';
  const save = async (as: SavedAs) => Object.entries(await savedNetwork(as)).forEach(download);
  const lookInto = async () => {
    const model = freeName();
    bringModel({ name: model, network: choices.network, files: inBase64(await savedNetwork('folder')) });
    change({ tab: 'glance', model, unit: '' }, true);
  };
  return (
    <section>
      <h3>{texts.keep}</h3>
      <div class="row">
        {/* The other parts prepare digits as the LeNets take them. */}
        {choices.network !== 'neocognitron' && (
          <button
            type="button"
            disabled={!isThere}
            title={texts.lookIntoNote}
            onClick={() => void lookInto()}
          >
            {texts.lookInto}
          </button>
        )}
        <button type="button" disabled={!isThere} onClick={() => void save('safetensors')}>
          {texts.safetensors}
        </button>
        <button type="button" disabled={!isThere} onClick={() => void save('folder')}>
          {texts.folder}
        </button>
      </div>
    </section>
  );
}

/** `trained-here`, or with a number if there is one already. */
function freeName(): string {
  const taken = new Set(pageData().models.map(({ name }) => name));
  let name = 'trained-here';
  for (let again = 2; taken.has(name); again++) name = `trained-here-${again}`;
  return name;
}

function inBase64(files: SavedFiles): Readonly<Record<string, string>> {
  const text = (bytes: Uint8Array) => {
    let letters = '';
    for (const byte of bytes) letters += String.fromCharCode(byte);
    return btoa(letters);
  };
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, text(bytes)]));
}

function download([name, bytes]: readonly [string, Uint8Array<ArrayBuffer>]): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
