/** A photo through a network of the visitor’s files, taken apart: answers, class activation, heads, layers. */
import { useEffect, useState } from 'preact/hooks';
import { UserError } from '../../browser';
import type { PartProps } from '../app';
import { takesDigits } from '../picture/picture';
import { useTexts } from '../texts/language';
import { photo as table } from '../texts/photo';
import { FileChoice } from '../parts/file-choice';
import { grouped } from '../../src/core/text/numbers';
import { Answers, Heads } from './answers';
import { Evidence } from './evidence';
import { openPhotoModel, seenPhoto, takenApart, type PhotoModel, type SeenPhoto } from './photo-model';
import { Sections } from './sections-view';
import { useSetting } from '../page-state';

/** What stays open while other parts of the page are shown; what was seen is of `seenOf`. */
const kept: { model?: PhotoModel; photo?: Blob; seen?: SeenPhoto; seenOf?: Blob } = {};

export function PhotoPart({ model: ofPage }: PartProps) {
  const texts = useTexts(table);
  const [model, setModel] = useState(kept.model);
  const [photo, setPhoto] = useState(kept.photo);
  const [seen, setSeen] = useState(kept.seen);
  const [busy, setBusy] = useState('');
  const [problem, setProblem] = useState('');
  const [, chooseClass] = useSetting('photo.class', '');
  const failed = (error: Error) => {
    setBusy('');
    setProblem(error.message);
  };
  const open = (files: readonly File[]) => {
    setProblem('');
    setBusy(texts.reading);
    openPhotoModel(files, texts.frozen).then((opened) => {
      if (kept.model?.trained !== ofPage.trained) kept.model?.trained.dispose();
      delete kept.seen;
      setSeen(undefined);
      setModel((kept.model = opened));
      setBusy('');
    }, failed);
  };
  useEffect(() => {
    if (model || takesDigits(ofPage.trained)) return;
    // A page of a network of photos has brought it along.
    takenApart(ofPage).then((own) => setModel((kept.model ??= own)), failed);
  }, []);
  useEffect(() => {
    if (!model || !photo || (kept.seen?.seen.model === model && kept.seenOf === photo)) return undefined;
    let wanted = true;
    setProblem('');
    setSeen(undefined);
    setBusy(texts.computing);
    const compute = async () => {
      if (!(await isReadable(photo))) throw new UserError(texts.notRead);
      const found = await seenPhoto(model, photo);
      if (!wanted) return;
      setSeen((kept.seen = found));
      kept.seenOf = photo;
      setBusy('');
    };
    // The page says that it computes before it is busy.
    const later = setTimeout(() => void compute().catch((error: Error) => wanted && failed(error)), 50);
    return () => {
      wanted = false;
      clearTimeout(later);
    };
  }, [model, photo]);
  const choosePhoto = (chosen: Blob) => {
    // The class that a link names is for the first photo.
    if (kept.photo) chooseClass('');
    setPhoto((kept.photo = chosen));
  };
  return (
    <div class="photo-part">
      <h2>{texts.title}</h2>
      <p>{texts.private}</p>
      <h3>{texts.network}</h3>
      <ModelChooser model={model} onChoose={open} />
      <h3>{texts.photo}</h3>
      <PhotoChooser
        onChoose={(chosen) => void choosePhoto(chosen)}
        onOther={() => setProblem(texts.notRead)}
      />
      {photo && !model && <p role="status">{texts.waiting}</p>}
      {busy && <p role="status">{busy}</p>}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {model && seen && !busy && <Found model={model} found={seen} />}
    </div>
  );
}

/** Whether the browser can read a picture. */
async function isReadable(photo: Blob): Promise<boolean> {
  try {
    (await createImageBitmap(photo)).close();
    return true;
  } catch {
    return false;
  }
}

function Found({ model, found }: { readonly model: PhotoModel; readonly found: SeenPhoto }) {
  return (
    <>
      <Answers model={model} found={found} />
      <Evidence model={model} found={found} />
      {model.heads.length > 0 && <Heads model={model} found={found} />}
      <Sections model={model} found={found} />
    </>
  );
}

const command =
  'npm run import -- bvlc_googlenet.caffemodel --network googlenet --download --out models/googlenet';

interface ModelChooserProps {
  readonly model: PhotoModel | undefined;
  readonly onChoose: (files: readonly File[]) => void;
}

function ModelChooser({ model, onChoose }: ModelChooserProps) {
  const texts = useTexts(table);
  return (
    <>
      {!model && (
        <>
          <p>{texts.networkAbout}</p>
          <p>
            {texts.command}
            <code class="command">
              {command.split(' ').map((word) => (
                <>
                  <span>{word}</span>{' '}
                </>
              ))}
            </code>
          </p>
        </>
      )}
      <div class="row">
        <FileChoice text={texts.folder} name="folder" what="folder" onChoose={onChoose} />
        <FileChoice
          text={texts.files}
          name="model"
          what="files"
          accept=".json,.safetensors"
          onChoose={onChoose}
        />
      </div>
      {model && (
        <p data-opened={model.name}>
          {texts.opened(
            model.name,
            grouped(model.description.parameters),
            grouped(model.trained.model.outputs[0]!.shape.at(-1)!),
          )}
        </p>
      )}
      {model && model.trained.drawn.length > 0 && (
        <p class="error">{texts.drawn(model.trained.drawn.join(', '))}</p>
      )}
    </>
  );
}

function PhotoChooser(props: {
  readonly onChoose: (photo: Blob) => void;
  /** Called when what is given is no picture. */
  readonly onOther: () => void;
}) {
  const { onChoose, onOther } = props;
  const texts = useTexts(table);
  const [over, setOver] = useState(false);
  const first = (files: Iterable<File> | undefined | null) => {
    const given = [...(files ?? [])];
    const image = given.find(({ type }) => type.startsWith('image/'));
    if (image) onChoose(image);
    else if (given.length > 0) onOther();
    return image !== undefined;
  };
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (first(event.clipboardData?.files)) event.preventDefault();
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
  return (
    <div
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        first(event.dataTransfer?.files);
      }}
    >
      <p>{texts.photoAbout}</p>
      <FileChoice text={texts.choosePhoto} name="photo" accept="image/*" onChoose={first} />
    </div>
  );
}
