// An account's profile as it will look: newest first, what is planned and foreseen above what is posted.
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../../api";
import { useKeys } from "../../keys";
import { Failure, Unread, useLoading } from "../../parts/loading";
import { alter, route } from "../../router";
import type { ConnectionResponse, PersonaOverview } from "../../schema";
import { chosen, overview } from "../../store";
import { todayIn } from "../../times";
import { words } from "../../words";
import { Asking } from "../calendar/asking";
import { allows, type Tile } from "../calendar/entries";
import { swap } from "../calendar/moving";
import { useFollowing, useRereading } from "../calendar/rereading";
import { type ProfileTile, useAccount, withAccount } from "./account";
import { Cell } from "./cell";
import { useHistory } from "./history";
import { Panel } from "./panel";

const HIDDEN = ["failed", "skipped", "cancelled"];
const COLUMNS = 3;
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

export function Grid() {
  const persona = chosen.value;
  const read = async () =>
    persona ? (await call("listConnections", { parameters: { persona_id: persona.persona_id } })).body.connections : [];
  const { value, problem, again } = useLoading(read, [persona?.persona_id]);
  if (!overview.value) return <Unread />;
  if (!persona) return <p class="empty">{words.noPersona}</p>;
  if (problem) return <Failure problem={problem} again={again} />;
  const accounts = value?.filter(({ status }) => status !== "revoked") ?? [];
  const account = accounts.find(({ connection_id }) => connection_id === route.value.query.account) ?? accounts[0];
  if (!value) return <p aria-busy="true">{words.loading}</p>;
  if (!account) return <p class="empty">{words.care.noAccounts}</p>;
  return <Profile key={account.connection_id} persona={persona} accounts={accounts} account={account} />;
}

interface Props {
  readonly persona: PersonaOverview;
  readonly accounts: readonly ConnectionResponse[];
  readonly account: ConnectionResponse;
}

function Profile({ persona, accounts, account }: Props) {
  const { persona_id: id, zone } = persona;
  const { ratio = "", foreseen = "" } = route.value.query;
  const today = todayIn(zone);
  const { value, problem, again, earlier } = useHistory(id, zone, today);
  useRereading(again);
  const [selected, setSelected] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [partner, setPartner] = useState<Tile | null>(null);
  const { posts, reason, older } = useAccount(id, account.connection_id);
  const tiles = value ? withAccount(tilesOf(value, account.connection_id, foreseen !== "off"), posts, id) : [];
  const readOn = () => {
    earlier?.();
    void older();
  };
  const chosenTile = tiles.find(({ key }) => key === selected) ?? null;
  const stop = tiles.find(({ key }) => key === focused) ?? chosenTile ?? tiles[0];
  const choose = (tile: ProfileTile) => {
    if (partner && tile.post && tile.post !== partner.post && allows(tile, "swapPosts")) {
      setPartner(null);
      void swap(partner, tile.post);
    } else setSelected(tile.key);
  };
  const startSwap = () => chosenTile && allows(chosenTile, "swapPosts") && setPartner(chosenTile);
  const list = useRef<HTMLOListElement>(null);
  useFollowing(list);
  // The other post is chosen from here on.
  useEffect(() => {
    if (partner) list.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }, [partner]);
  useKeys(words.views.grid, [
    { keys: "Space", text: words.sheet.open, run: null },
    { keys: "s", text: words.grid.swapWith, run: () => void startSwap() },
    { keys: "Escape", text: words.cancel, run: () => setPartner(null) },
  ]);
  return (
    <section aria-labelledby="profile" aria-busy={!value && !problem} class="grid">
      <header class="month">
        <h2 id="profile">
          {account.display_name} <small>{account.channel}</small>
        </h2>
        {accounts.length > 1 && (
          <label>
            <span class="unseen">{words.care.parts.accounts}</span>
            <select value={account.connection_id} onChange={(event) => alter({ account: event.currentTarget.value })}>
              {accounts.map((each) => (
                <option key={each.connection_id} value={each.connection_id}>
                  {each.display_name} ({each.channel})
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" aria-pressed={ratio === "1:1"} onClick={() => alter({ ratio: ratio ? "" : "1:1" })}>
          {words.grid.square}
        </button>
        <button type="button" aria-pressed={foreseen !== "off"} onClick={() => alter({ foreseen: foreseen ? "" : "off" })}>
          {words.grid.foreseen}
        </button>
      </header>
      {problem && <Failure problem={problem} again={again} />}
      <p role="status" class="carried">
        {partner && words.grid.chooseOther(partner.name)}
      </p>
      {partner && (
        <button type="button" onClick={() => setPartner(null)}>
          {words.cancel}
        </button>
      )}
      {value && !tiles.length && <p>{words.grid.nothing}</p>}
      <div class="profile">
        <ol ref={list} class={`post-tiles ${ratio === "1:1" ? "square" : "portrait"}`} onKeyDown={step}>
          {tiles.map((tile) => (
            <Cell
              key={tile.key}
              tile={tile}
              connection={account.connection_id}
              stop={tile === stop}
              selected={tile === chosenTile}
              partner={tile === partner}
              onFocus={() => setFocused(tile.key)}
              onChoose={() => choose(tile)}
              onDrop={(post) => {
                const other = tiles.find((each) => each.post === post);
                if (other && tile.post && other !== tile) void swap(other, tile.post);
              }}
            />
          ))}
        </ol>
        {chosenTile && !partner && (
          <Panel key={chosenTile.key} tile={chosenTile} square={ratio === "1:1"} connection={account.connection_id} onSwap={startSwap} />
        )}
      </div>
      {(earlier || posts?.cursor) && (
        <button type="button" onClick={readOn}>
          {words.grid.older}
        </button>
      )}
      <p class="why">{words.grid.crop}</p>
      <p class="why" role="status" aria-busy={!posts && !reason}>
        {reason && `${reason} `}
        {posts?.state === "listed" ? words.grid.fromAccount(account.channel === "buffer") : reason ? words.grid.asKnown : words.loading}
      </p>
      <Asking />
    </section>
  );
}

function tilesOf(tiles: readonly Tile[], connection: string, foreseen: boolean): Tile[] {
  return tiles
    .filter((tile) => (tile.kind === "post" ? isOf(tile, connection) : foreseen && tile.kind === "foreseen"))
    .sort((one, other) => other.instant.localeCompare(one.instant));
}

function isOf({ entries }: Tile, connection: string): boolean {
  return entries.some((entry) => entry.connection_id === connection && !HIDDEN.includes(entry.status));
}

// The arrow keys lead from tile to tile; one tile is a tab stop.
function step(event: KeyboardEvent): void {
  const cells = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button.post-tile")];
  const place = cells.findIndex((cell) => cell === document.activeElement);
  const ends: Readonly<Record<string, number>> = { Home: 0, End: cells.length - 1 };
  const next = event.key in ends ? ends[event.key] : place + (STEPS[event.key] ?? Number.NaN);
  const cell = place < 0 || next === undefined ? undefined : cells[next];
  if (!cell) return;
  event.preventDefault();
  cell.focus();
}
