// ShareDB over ws: each socket is one of its agents.
import { createServer } from "node:http";
import { Duplex } from "node:stream";
import ShareDB from "sharedb";
import { WebSocketServer } from "ws";

const [, , port] = process.argv;
const backend = new ShareDB();
const http = createServer();
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });

sockets.on("connection", (socket) => {
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write(message, _encoding, done) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
      done();
    },
  });
  socket.on("message", (data) => stream.push(JSON.parse(data)));
  socket.on("close", () => stream.destroy());
  stream.on("error", () => socket.terminate());
  backend.listen(stream);
});
http.listen(Number(port), "127.0.0.1", () => console.log("listening"));
