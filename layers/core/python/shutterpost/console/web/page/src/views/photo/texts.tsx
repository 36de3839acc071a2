// What each connection would send, as the API composes and counts it.
import type { TextCount, VariantPreview } from "../../schema";
import { words } from "../../words";

export function Texts({ texts }: { readonly texts: readonly VariantPreview[] }) {
  return (
    <ul class="texts">
      {texts.map((text) => (
        <li key={text.variant_id} class={text.impediments.length ? "refused" : undefined}>
          <h4>
            {text.channel} {text.account && <small>{text.account}</small>}
          </h4>
          <p class="counts">
            {countsOf(text.count).map(({ name, value, most }) => (
              <span key={name} class={most !== null && value > most ? "surplus" : undefined}>
                {words.photo.counts[name]} {most === null ? value : `${value}/${most}`}
              </span>
            ))}
          </p>
          {text.impediments.map(({ kind, detail }) => (
            <p key={kind} class="bad">
              {words.photo.refuses(text.channel)} {detail}
            </p>
          ))}
          {text.warnings.map(({ kind, detail }) => (
            <p key={kind} class="warn">
              {detail}
            </p>
          ))}
          <blockquote>{text.sent_text}</blockquote>
        </li>
      ))}
    </ul>
  );
}

interface Count {
  readonly name: "length" | "bytes" | "hashtags" | "mentions" | "links";
  readonly value: number;
  readonly most: number | null;
}

// Without what has no limit on the channel, except the length.
function countsOf(count: TextCount): Count[] {
  const counts: Count[] = [
    { name: "length", value: count.length, most: count.max_length },
    { name: "bytes", value: count.byte_length, most: count.max_byte_length },
    { name: "hashtags", value: count.hashtags, most: count.max_hashtags },
    { name: "mentions", value: count.mentions, most: count.max_mentions },
    { name: "links", value: count.links, most: count.max_links },
  ];
  return counts.filter(({ most }) => most !== null);
}
