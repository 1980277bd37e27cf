/**
 * A collaborative document of `@motet/client` in CodeMirror 6.
 *
 * ```ts
 * const minutes = connect("wss://example.org", { document: "minutes" });
 * new EditorView({ doc: minutes.text, extensions: [collaboration(minutes), basicSetup], parent });
 * ```
 * @packageDocumentation
 */
export { type CollaborationOptions, collaboration } from "./collaboration.js";
