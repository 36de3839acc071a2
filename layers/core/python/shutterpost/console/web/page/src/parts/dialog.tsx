// A modal dialog. It ends with Escape or a button of its own, and the focus returns to where it was.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const origin = document.activeElement;
    dialog.current?.showModal();
    // Once the dialog is gone: until then, all else is inert.
    return () => queueMicrotask(() => origin instanceof HTMLElement && origin.isConnected && origin.focus());
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}
