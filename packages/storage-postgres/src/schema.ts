/** One step of the schema. */
export interface Migration {
  /** Of the schema after it; from 1, without gaps. */
  readonly version: number;
  /**
   * The lowest version of this package's schema whose servers still work with it: they may be running while it is made. A step therefore
   * only adds: tables, columns with defaults, functions under new names. What nobody uses any more goes in a later step.
   */
  readonly worksWithServersOf: number;
  /** Its statements, for the schema of that (quoted) name. */
  readonly statements: (schema: string) => string;
}

/**
 * The schema, step by step.
 *
 * A document is one row that says how many places are taken, and whoever appends holds that row from the moment when it takes a
 * place to its commit. Places are therefore taken in the order of commits, and whoever sees a place sees all lower ones.
 *
 * Each write is one call of one function, and a transaction of its own: one round trip, and no lock is ever held while a
 * server thinks, is paused, or has lost its line. Each statement in a function sees what was committed before that statement began,
 * so that what is read behind the row's lock is the latest.
 */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, worksWithServersOf: 1, statements: first }];

// Names are compared by byte (COLLATE "C"), so that `tenant/document` sorts as the port wants it, on every machine alike.
// `born` is the write that made the document: a deletion that comes late does not touch one that was made after it.
// `writer` is the call that wrote the entry: the same call again recognises its own work.
function first(schema: string): string {
  return `
CREATE TABLE ${schema}.documents (
  document text COLLATE "C" PRIMARY KEY,
  last_place bigint NOT NULL,
  born uuid NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE ${schema}.entries (
  document text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  bytes bytea NOT NULL CHECK (length(bytes) > 0),
  writer uuid NOT NULL,
  PRIMARY KEY (document, place),
  UNIQUE (document, key)
);

CREATE FUNCTION ${schema}.commit_durably_1() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

CREATE FUNCTION ${schema}.append_entries_1(
  documents text[], keys text[], lengths integer[], contents bytea, writers uuid[]
) RETURNS TABLE (place bigint, fresh boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  taken bigint;
  found_place bigint;
  found_writer uuid;
  start integer := 1;
BEGIN
  PERFORM ${schema}.commit_durably_1();
  FOR i IN 1 .. cardinality(documents) LOOP
    LOOP
      SELECT d.last_place INTO taken FROM ${schema}.documents d WHERE d.document = documents[i] FOR UPDATE;
      EXIT WHEN FOUND;
      INSERT INTO ${schema}.documents VALUES (documents[i], 0, writers[i]) ON CONFLICT DO NOTHING;
    END LOOP;
    SELECT e.place, e.writer INTO found_place, found_writer
      FROM ${schema}.entries e WHERE e.document = documents[i] AND e.key = keys[i];
    IF FOUND THEN
      RETURN QUERY SELECT found_place, found_writer = writers[i];
    ELSE
      UPDATE ${schema}.documents d SET last_place = taken + 1 WHERE d.document = documents[i];
      INSERT INTO ${schema}.entries
        VALUES (documents[i], taken + 1, keys[i], substring(contents FROM start FOR lengths[i]), writers[i]);
      RETURN QUERY SELECT taken + 1, true;
    END IF;
    start := start + lengths[i];
  END LOOP;
END $$;

CREATE FUNCTION ${schema}.replace_entries_1(
  id text, covered text[], name text, contents bytea, by_writer uuid
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  repeated bigint;
  there bigint;
  last_covered bigint;
BEGIN
  PERFORM ${schema}.commit_durably_1();
  PERFORM 1 FROM ${schema}.documents d WHERE d.document = id FOR UPDATE;
  SELECT e.place INTO repeated FROM ${schema}.entries e WHERE e.document = id AND e.key = name;
  IF FOUND THEN
    RETURN repeated;
  END IF;
  SELECT count(*), max(e.place) INTO there, last_covered
    FROM ${schema}.entries e WHERE e.document = id AND e.key = ANY (covered);
  IF there <> cardinality(covered) THEN
    RETURN NULL;
  END IF;
  DELETE FROM ${schema}.entries e WHERE e.document = id AND e.key = ANY (covered);
  INSERT INTO ${schema}.entries VALUES (id, last_covered, name, contents, by_writer);
  RETURN last_covered;
END $$;

CREATE FUNCTION ${schema}.delete_document_1(id text, born_by uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}.commit_durably_1();
  DELETE FROM ${schema}.documents d WHERE d.document = id AND d.born = born_by;
  IF FOUND THEN
    DELETE FROM ${schema}.entries e WHERE e.document = id;
  END IF;
END $$;
`;
}
