// The inspector's page, as it is served. It holds no data: its script asks for that, with the token where one is needed.

export const inspectorHtml = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Motet: inspector</title>
<link rel="stylesheet" href="inspector.css">
<h1>Motet</h1>
<form id="login" hidden><label>Token <input id="token" type="password" autocomplete="off"></label> <button>Show</button></form>
<p id="status" role="status"></p>
<table>
<thead><tr><th>Document<th>Title<th>Version<th>Units<th>Log entries<th>Queued bytes<th>Names<th>Connections</tr></thead>
<tbody id="documents"></tbody>
</table>
<script src="inspector.js" type="module"></script>
</html>
`;

export const inspectorCss = `body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color-scheme: light dark; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
ul { margin: 0; padding: 0; list-style: none; }
.late { color: #c30; }
`;

export const inspectorJs = `const byId = (id) => document.getElementById(id);
let token = sessionStorage.getItem("motet-admin-token") ?? "";

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value;
  sessionStorage.setItem("motet-admin-token", token);
  look();
});

function cell(content) {
  const td = document.createElement("td");
  td.append(content ?? "…");
  return td;
}

function people({ connections, connection_count }) {
  const list = document.createElement("ul");
  for (const { user_id, kind, connected_ms, behind_ms } of connections) {
    const item = document.createElement("li");
    const late = behind_ms === null ? "" : ", behind for " + Math.round(behind_ms / 1000) + " s";
    item.textContent = user_id + " (" + kind + ", " + Math.round(connected_ms / 1000) + " s" + late + ")";
    if (behind_ms !== null) item.className = "late";
    list.append(item);
  }
  const more = connection_count - connections.length;
  if (more > 0) list.append(more + " more");
  return list;
}

function row(one) {
  const tr = document.createElement("tr");
  const numbers = [one.version, one.text_units, one.log_entries, one.queued_bytes, one.named_versions];
  tr.append(cell(one.tenant + "/" + one.doc_id), cell(one.title), ...numbers.map((n) => cell(n === undefined ? n : String(n))), cell(people(one)));
  return tr;
}

function show({ status, problems, documents, hidden_documents }) {
  const { connectedClients, totalOperations, uptimeMs, queuedBytes, slowReaders } = status;
  byId("status").textContent = [
    problems.length === 0 ? "All is well" : "Trouble: " + problems.join(", "),
    connectedClients + " connections",
    totalOperations + " operations",
    queuedBytes + " bytes queued",
    slowReaders.readers + " slow readers",
    "up for " + Math.round(uptimeMs / 1000) + " s",
    ...(hidden_documents > 0 ? [hidden_documents + " documents not shown"] : []),
  ].join(" · ");
  byId("documents").replaceChildren(...documents.map(row));
}

async function look() {
  try {
    const headers = token === "" ? {} : { authorization: "Bearer " + token };
    const answer = await fetch("inspector.json", { headers });
    byId("login").hidden = answer.status !== 401;
    if (answer.ok) show(await answer.json());
    else byId("status").textContent = answer.status === 401 ? "A token is needed." : "The server answers " + answer.status + ".";
  } catch {
    byId("status").textContent = "The server does not answer.";
  }
}

setInterval(look, 2000);
look();
`;
