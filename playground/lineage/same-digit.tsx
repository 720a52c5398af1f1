/** One digit through every network of digits, side by side. */
import { useEffect, useState } from 'preact/hooks';
import { seenBy, type Seen } from '../model/opened';
import { FileChoice } from '../parts/file-choice';
import { DigitChoices } from '../picture/choices';
import { Pad } from '../picture/pad';
import { digitInput, type Picture } from '../picture/picture';
import { useTexts } from '../texts/language';
import { lineage } from '../texts/lineage';
import { addDigitModel, digitModel, digitModels, passTime, timedPasses } from './digit-models';
import { NetworkColumn } from './network-column';

/** What a network makes of the digit, and how long a pass takes it; null until that is measured. */
export interface SeenDigit {
  readonly seen: Seen;
  readonly milliseconds: number | null;
}

export function SameDigit({ picture }: { readonly picture: Picture }) {
  const texts = useTexts(lineage);
  const [names, setNames] = useState(digitModels);
  const [problem, setProblem] = useState('');
  const seen = useSideBySide(names, picture, setProblem);
  const most = Math.max(...[...seen.values()].map((one) => one.seen.model.description.multiplyAdds));
  const add = (files: readonly File[]) =>
    void addDigitModel(files, texts.notDigits).then(
      () => (setProblem(''), setNames(digitModels())),
      (error: Error) => setProblem(error.message),
    );
  if (names.length === 0) return null;
  return (
    <section class="same-digit">
      <h2>{texts.same}</h2>
      <p>{texts.sameAbout}</p>
      <div class="row pad-and-choices">
        <Pad picture={picture} />
        <div>
          <DigitChoices />
        </div>
      </div>
      <div class="columns">
        {names.map((name) => (
          <NetworkColumn name={name} found={seen.get(name)} label={picture.label} mostMultiplyAdds={most} />
        ))}
      </div>
      <p class="quiet">{texts.timed(timedPasses)}</p>
      <p>{texts.openModel}</p>
      <div class="row">
        <FileChoice text={texts.chooseFolder} name="digit-folder" what="folder" onChoose={add} />
        <FileChoice
          text={texts.chooseFiles}
          name="digit-model"
          what="files"
          accept=".json,.safetensors"
          onChoose={add}
        />
      </div>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

/** Network after network, so that the page can draw between them; a digit that comes meanwhile starts anew. */
function useSideBySide(
  names: readonly string[],
  picture: Picture,
  onProblem: (message: string) => void,
): ReadonlyMap<string, SeenDigit> {
  const [found, setFound] = useState<ReadonlyMap<string, SeenDigit>>(new Map());
  useEffect(() => {
    let wanted = true;
    const tell = (name: string, seen: SeenDigit) => setFound((before) => new Map(before).set(name, seen));
    const compute = async () => {
      const all: (readonly [string, Seen])[] = [];
      for (const name of names) {
        const model = await digitModel(name);
        const seen = await seenBy(model, await digitInput(model.trained, picture.pixels));
        if (!wanted) return;
        all.push([name, seen]);
        tell(name, { seen, milliseconds: null });
        await new Promise((next) => setTimeout(next));
      }
      for (const [name, seen] of all) {
        const milliseconds = await passTime(seen.model, seen.input);
        if (!wanted) return;
        tell(name, { seen, milliseconds });
      }
    };
    compute().catch((error: Error) => wanted && onProblem(error.message));
    return () => {
      wanted = false;
    };
  }, [names, picture]);
  return found;
}
