// Writes the types of the API's operations and schemas from its OpenAPI document.
import { readFileSync, writeFileSync } from "node:fs";

const [, , source, target] = process.argv;
const api = JSON.parse(readFileSync(source, "utf8"));
const METHODS = ["get", "post", "put", "patch", "delete"];

const named = (reference) => reference.split("/").at(-1);

function type(schema) {
  if (schema.$ref) return named(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(type))].join(" | ");
  if (schema.allOf) return schema.allOf.map(type).join(" & ");
  if (schema.type === "array") return `readonly (${type(schema.items ?? {})})[]`;
  if (schema.type === "object" || schema.properties) return object(schema);
  return { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" }[schema.type] ?? "unknown";
}

function object(schema) {
  if (!schema.properties) return `Readonly<Record<string, ${type(schema.additionalProperties ?? {})}>>`;
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties).map(
    ([name, member]) => `  readonly ${JSON.stringify(name)}${required.has(name) || "default" in member ? "" : "?"}: ${type(member)};`,
  );
  return `{\n${members.join("\n")}\n}`;
}

function responseOf(operation) {
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const schema = success?.[1].content?.["application/json"]?.schema;
  return schema ? type(schema) : "null";
}

const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  METHODS.filter((method) => method in methods).map((method) => ({ path, method: method.toUpperCase(), ...methods[method] })),
);
const lines = [
  "// Written from the API's OpenAPI document by schema.mjs.",
  ...Object.entries(api.components.schemas).map(([name, schema]) => `export type ${name} = ${type(schema)};`),
  "export interface Responses {",
  ...operations.map((each) => `  readonly ${each.operationId}: ${responseOf(each)};`),
  "}",
  "export const OPERATIONS: Readonly<Record<keyof Responses, readonly [method: string, path: string, takesBody: boolean]>> = {",
  ...operations.map(
    ({ operationId, method, path, requestBody }) =>
      `  ${operationId}: [${JSON.stringify(method)}, ${JSON.stringify(path)}, ${requestBody?.required === true}],`,
  ),
  "};",
];
writeFileSync(target, `${lines.join("\n")}\n`);
