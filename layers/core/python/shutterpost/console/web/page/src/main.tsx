// The page: its header, and the view that the address names.
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { followKeys } from "./keys";
import { Banners } from "./parts/banners";
import { Header } from "./parts/header";
import { KeyHelp } from "./parts/keyhelp";
import { Notices } from "./parts/notices";
import { route } from "./router";
import { openSession } from "./session";
import { follow, stopWithoutSession } from "./store";
import { viewOf } from "./views";
import { language, words } from "./words";

function Page() {
  const { view, path } = route.value;
  const shown = viewOf(view);
  const main = useRef<HTMLElement>(null);
  const address = [view, ...path].join("/");
  const first = useRef(true);
  useLayoutEffect(() => {
    document.title = shown ? `${words.views[shown.name]} · ${words.title}` : words.title;
    if (!first.current) {
      // A link leads to the view's beginning, so that the next key acts there.
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
  }, [address]);
  const Shown = shown?.show;
  return (
    <>
      <Header />
      <main ref={main} tabIndex={-1}>
        <Banners />
        {Shown && <Shown key={address} />}
      </main>
      <Notices />
      <KeyHelp />
    </>
  );
}

document.documentElement.lang = language;
const target = document.getElementById("page");
if (target) {
  if (await openSession()) follow();
  else stopWithoutSession();
  followKeys();
  render(<Page />, target);
}
