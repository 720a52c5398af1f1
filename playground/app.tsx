/** The page: its head, the choice of its parts, and the part that is shown. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageRuntime } from '../browser';
import { Backwards } from './backwards/backwards';
import { Glance } from './glance/glance';
import { Kernels } from './kernels/kernels';
import { LineagePart } from './lineage/lineage';
import { openEmbedded, pageData } from './model/embedded';
import { openedModel, seenBy, type OpenedModel, type Seen } from './model/opened';
import {
  parseState,
  StateContext,
  stateText,
  tabs,
  usePageState,
  type PageState,
  type Tab,
} from './page-state';
import { Guarded } from './guarded';
import { PhotoPart } from './photo/photo';
import { noPicture, pictureInput, pictureOf, type Picture } from './picture/picture';
import { languages, useTexts } from './texts/language';
import { shell } from './texts/shell';
import { Training } from './training/training';

/** What every part of the page is given. */
export interface PartProps {
  /** The model that the address names. */
  readonly model: OpenedModel;
  /** The picture that the address names; without pixels if it names none. */
  readonly picture: Picture;
  /** What the model computes of it; of the picture before, for a moment after a change. */
  readonly seen: Seen;
}

/** The parts of the page by their tabs. */
const parts: Readonly<Partial<Record<Tab, (props: PartProps) => ComponentChildren>>> = {
  glance: Glance,
  backwards: Backwards,
  kernels: Kernels,
  lineage: LineagePart,
  photo: PhotoPart,
  training: Training,
};

/** What the page shows when its address says nothing. */
function usualState(): PageState {
  const [model] = pageData().models;
  const [digit] = pageData().digits;
  const language = navigator.language.startsWith('zh') ? 'zh' : 'en';
  return {
    ...{ tab: 'glance', language, unit: '', settings: {} },
    ...{ model: model?.name ?? '', picture: digit?.name ?? '' },
  };
}

export function App({ runtime }: { readonly runtime: PageRuntime }) {
  const [state, setState] = useState(() => parseState(location.hash, usualState()));
  /** The fragment that this component has written or followed last. */
  const address = useRef(location.hash);
  useEffect(() => {
    const follow = () => {
      address.current = location.hash;
      setState(parseState(location.hash, usualState()));
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = state.language;
  }, [state.language]);
  const access = useMemo(
    () => ({
      state,
      change: (changes: Partial<PageState>, step = false) =>
        setState((before) => {
          const next = { ...before, ...changes };
          // `pushState` tells nobody: this component already shows the state that the address then says.
          if (step) {
            history.pushState(null, '', stateText(next));
            address.current = location.hash;
          }
          return next;
        }),
    }),
    [state],
  );
  useEffect(() => {
    // Browsers take few changes of an address in a short time, and drawing makes many.
    const later = setTimeout(() => {
      // A link that was just followed is not overwritten: its event is still to come.
      if (location.hash !== address.current) return;
      history.replaceState(null, '', stateText(state));
      address.current = location.hash;
    }, 200);
    return () => clearTimeout(later);
  }, [state]);
  return (
    <StateContext.Provider value={access}>
      <Head runtime={runtime} />
      <Part />
      <Foot />
    </StateContext.Provider>
  );
}

function Head({ runtime }: { readonly runtime: PageRuntime }) {
  const { state, change } = usePageState();
  const texts = useTexts(shell);
  const [copied, setCopied] = useState('');
  const copy = async () => {
    try {
      // Where a page is served without https, browsers have no clipboard at all.
      await navigator.clipboard.writeText(location.href.split('#')[0]! + stateText(state));
      setCopied(texts.copied);
    } catch {
      setCopied(texts.notCopied);
    }
  };
  useEffect(() => setCopied(''), [state]);
  return (
    <header>
      <div class="title">
        <h1>{texts.title}</h1>
        <p>{texts.about}</p>
      </div>
      <div class="choices">
        <label>
          {texts.language}{' '}
          <select
            value={state.language}
            onChange={({ currentTarget }) =>
              change({ language: currentTarget.value as PageState['language'] })
            }
          >
            {languages.map((language) => (
              <option value={language}>{{ en: 'English', zh: '中文' }[language]}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void copy()}>
          {texts.link}
        </button>
        <span role="status">{copied}</span>
      </div>
      <nav aria-label={texts.tabs}>
        {tabs
          .filter((tab) => parts[tab])
          .map((tab) => (
            <a
              href={stateText({ ...state, tab, settings: {} })}
              aria-current={state.tab === tab ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                change({ tab }, true);
              }}
            >
              {texts[tab]}
            </a>
          ))}
      </nav>
      <p class="quiet runtime">
        {texts.private} {texts.computes(runtime.device ?? runtime.backend)}
      </p>
    </header>
  );
}

function Foot() {
  const texts = useTexts(shell);
  const { version, commit } = pageData();
  return (
    <footer class="quiet small">
      <p>
        <a href="https://github.com/cnn-lineage/cnn-lineage">cnn-lineage</a> {version}
        {commit && ` (${commit.slice(0, 12)})`}. {texts.made}
      </p>
    </footer>
  );
}

function Part() {
  const { state } = usePageState();
  const texts = useTexts(shell);
  const [error, setError] = useState('');
  const { models } = pageData();
  const name = models.find((model) => model.name === state.model)?.name ?? models[0]!.name;
  const model = useModel(name, setError);
  const named = useMemo(() => pictureOf(state.picture), [state.picture]);
  const picture = named ?? noPicture;
  const seen = useSeen(model, picture, setError);
  const Shown = parts[state.tab] ?? Glance;
  const shown = seen && <Shown model={seen.model} picture={picture} seen={seen} />;
  return (
    <main>
      {name !== state.model && <p role="status">{texts.noModel(state.model, name)}</p>}
      {!named && state.picture !== '' && <p role="status">{texts.noPicture(state.picture.slice(0, 20))}</p>}
      {error ? (
        <p class="error" role="alert">
          {error}
        </p>
      ) : (
        <Guarded view={stateText(state)}>{shown ?? <p role="status">{texts.opening}</p>}</Guarded>
      )}
    </main>
  );
}

function useModel(name: string, onError: (message: string) => void): OpenedModel | undefined {
  const [model, setModel] = useState<OpenedModel>();
  useEffect(() => {
    let wanted = true;
    onError('');
    openEmbedded(name).then(
      (trained) => wanted && setModel(openedModel(name, trained)),
      (problem: Error) => {
        if (!wanted) return;
        setModel(undefined);
        onError(problem.message);
      },
    );
    return () => {
      wanted = false;
    };
  }, [name]);
  return model;
}

/** What the model computes of the picture; while one is computed, others that come are left out but for the last. */
function useSeen(
  model: OpenedModel | undefined,
  picture: Picture,
  onError: (message: string) => void,
): Seen | undefined {
  const [seen, setSeen] = useState<Seen>();
  // At once, not after the next paint: who draws waits for the maps.
  useLayoutEffect(() => {
    if (!model) return undefined;
    let wanted = true;
    onError('');
    pictureInput(model.trained, picture)
      .then((input) => (wanted ? seenBy(model, input) : undefined))
      .then(
        (found) => wanted && found && setSeen(found),
        (problem: Error) => wanted && onError(problem.message),
      );
    return () => {
      wanted = false;
    };
  }, [model, picture]);
  return seen;
}
