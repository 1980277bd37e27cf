// The server of the package as its command starts it; only told where to listen.
const [, , port] = process.argv;
process.env.HOST = "127.0.0.1";
process.env.PORT = port;
await import("@y/websocket-server/server");
