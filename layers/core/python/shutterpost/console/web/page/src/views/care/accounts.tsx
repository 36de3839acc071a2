// Each account of the persona: whether it works, how long its token lasts, and how much of its quota is used.
import { call } from "../../api";
import { announce } from "../../notices";
import { Failure, useLoading } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import type { ConnectionResponse } from "../../schema";
import { refresh } from "../../store";
import { inZone } from "../../times";
import { words } from "../../words";
import type { PartProps } from ".";

export function Accounts({ persona }: PartProps) {
  const parameters = { persona_id: persona.persona_id };
  const read = async () => (await call("listConnections", { parameters })).body.connections;
  const { value, problem, again } = useLoading(read, [persona.persona_id]);
  const accounts = value?.filter(({ status }) => status !== "revoked") ?? [];
  return (
    <section aria-labelledby="accounts" aria-busy={!value && !problem}>
      <h2 id="accounts">{words.care.parts.accounts}</h2>
      {problem && <Failure problem={problem} again={again} />}
      {value && !accounts.length && <p>{words.care.noAccounts}</p>}
      <ul class="cards">
        {accounts.map((account) => (
          <li key={account.connection_id}>
            <Account account={account} zone={persona.zone} onChecked={again} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface AccountProps {
  readonly account: ConnectionResponse;
  readonly zone: string;
  readonly onChecked: () => void;
}

function Account({ account, zone, onChecked }: AccountProps) {
  const { busy, refusal, write } = useWriting();
  const { care } = words;
  const { quota_used: used, quota_total: total, budget, budget_use: use, token_days_left: days } = account;
  const check = () =>
    write(async (key) => {
      const parameters = { persona_id: account.persona_id, connection_id: account.connection_id };
      const { body } = await call("checkConnection", { parameters, key });
      announce(`${account.display_name}: ${body.detail}`);
      onChecked();
      void refresh();
    });
  const facts = [
    typeof days === "number" ? care.tokenDays(days) : "",
    typeof used === "number" && typeof total === "number" ? care.quota(used, total) : "",
    budget && use ? care.budget(use.posts, budget.posts) : "",
    account.checked_at ? care.checkedAt(inZone(account.checked_at, zone)) : "",
  ].filter(Boolean);
  return (
    <>
      <h3>
        {account.display_name} <small>{account.channel}</small>
      </h3>
      <p class={`account ${account.status}`}>{care.accounts[account.status]}</p>
      {account.status_reason && <p>{account.status_reason}</p>}
      {account.circuit && <p>{care.circuitOpen(inZone(account.circuit.until, zone))}</p>}
      <ul class="why">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <p class="why">{account.unclear_outcome}</p>
      <div class="actions">
        <button type="button" disabled={busy} onClick={() => void check()} aria-label={care.checkAccount(account.display_name)}>
          {care.check}
        </button>
      </div>
      {refusal && <Failure problem={refusal} />}
    </>
  );
}
