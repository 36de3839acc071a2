// Writes the console's command that connects an account: a login and its token never pass through the page.
import { useState } from "preact/hooks";
import { call } from "../../api";
import { announce } from "../../notices";
import { Failure, useLoading } from "../../parts/loading";
import type { ChannelResponse } from "../../schema";
import { words } from "../../words";

// Their account is the one that agrees in the browser, or that the token is for.
const UNNAMED = ["facebook_page", "linkedin", "x"];

interface Values {
  readonly account: string;
  readonly login: string;
  readonly organization: string;
}

export function Connect({ persona }: { readonly persona: string }) {
  const read = () => Promise.all([call("listChannels"), call("listConnections", { parameters: { persona_id: persona } })]);
  const { value, problem, again } = useLoading(read, [persona]);
  const [key, setKey] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({ account: "", login: "", organization: "" });
  const failure = problem && <Failure problem={problem} again={again} />;
  if (!value) return failure ?? <p aria-busy="true">{words.loading}</p>;
  const [channels, connections] = value;
  const active = channels.body.channels.filter(({ status }) => status === "active");
  const channel = active.find((each) => each.key === key) ?? active[0];
  if (!channel) return null;
  const field = (name: keyof Values, label: string) => (
    <label>
      {label}
      <input value={values[name]} autocomplete="off" onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })} />
    </label>
  );
  const command = commandOf(channel, values, persona);
  return (
    <>
      {failure}
      {connections.body.connections.length > 0 && (
        <ul class="accounts">
          {connections.body.connections.map((each) => (
            <li key={each.connection_id}>
              {each.channel}: {each.display_name} <small>{words.start.connections[each.status] ?? each.status}</small>
            </li>
          ))}
        </ul>
      )}
      <div class="form">
        <label>
          {words.start.channel}
          <select value={channel.key} onChange={(event) => setKey(event.currentTarget.value)}>
            {active.map((each) => (
              <option key={each.key} value={each.key}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        {channel.logins.length > 0 && (
          <label>
            {words.start.login}
            <select value={values.login} onChange={(event) => setValues({ ...values, login: event.currentTarget.value })}>
              {channel.logins.map((login) => (
                <option key={login}>{login}</option>
              ))}
            </select>
          </label>
        )}
        {!UNNAMED.includes(channel.key) && field("account", words.start.accounts[channel.key] ?? words.start.account)}
        {channel.needs_organization && field("organization", words.start.organization)}
        <p>{words.start.command}</p>
        <p class="command">
          <code>{command}</code>
          <button type="button" onClick={() => void navigator.clipboard.writeText(command).then(() => announce(words.start.copied))}>
            {words.start.copy}
          </button>
        </p>
        <button type="button" onClick={again}>
          {words.start.look}
        </button>
      </div>
    </>
  );
}

function commandOf(channel: ChannelResponse, values: Values, persona: string): string {
  const account = UNNAMED.includes(channel.key) ? [] : [values.account.trim() || "ACCOUNT"];
  const login = channel.logins.length ? ["--login", channel.logins.find((each) => each === values.login) ?? channel.logins[0] ?? ""] : [];
  const organization = channel.needs_organization ? ["--organization", values.organization.trim() || "ORGANIZATION"] : [];
  const parts = ["shutterpost", "connections", "add", channel.key, ...account, ...login, ...organization, "--persona", persona];
  return parts.map(quoted).join(" ");
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
