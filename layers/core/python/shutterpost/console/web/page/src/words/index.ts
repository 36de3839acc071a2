// The texts in the browser's language; English where there is no translation.
import { de } from "./de";
import { en, type Words } from "./en";

const LANGUAGES: Readonly<Record<string, Words>> = { en, de };

export const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? "en";
export const words: Words = LANGUAGES[language] ?? en;
