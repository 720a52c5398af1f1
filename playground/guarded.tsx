/** Keeps a failure to the part of the page in which it happens, and says in one line what failed. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { messageOf } from '../src/core/errors';
import { useTexts } from './texts/language';
import { shell } from './texts/shell';

interface GuardedProps {
  /** What is shown, in words: when it changes, what failed is tried again. */
  readonly view: string;
  readonly children: ComponentChildren;
}

export function Guarded({ view, children }: GuardedProps) {
  const texts = useTexts(shell);
  // The browser’s console has where it happened; the line on the page has no stack.
  const [error, tryAgain] = useErrorBoundary((failure: unknown) => reportError(failure)) as [
    unknown,
    () => void,
  ];
  const late = useLateFailure(view);
  useEffect(() => {
    if (error) tryAgain();
  }, [view]);
  if (error)
    return (
      <p class="error" role="alert">
        {texts.partFailed(messageOf(error))}
      </p>
    );
  return (
    <>
      {late && (
        <p class="error" role="alert">
          {texts.stepFailed(late)}
        </p>
      )}
      {children}
    </>
  );
}

/** What failed after it was drawn, in a step that waited or was pressed, and that nobody else tells of. */
function useLateFailure(view: string): string {
  const [failure, setFailure] = useState('');
  useEffect(() => {
    setFailure('');
    const rejected = ({ reason }: PromiseRejectionEvent) => setFailure(messageOf(reason));
    // Without an error they are the browser's own remarks, on layouts that came late.
    const thrown = ({ error }: { readonly error: unknown }) => {
      if (error) setFailure(messageOf(error));
    };
    addEventListener('unhandledrejection', rejected);
    addEventListener('error', thrown);
    return () => {
      removeEventListener('unhandledrejection', rejected);
      removeEventListener('error', thrown);
    };
  }, [view]);
  return failure;
}
