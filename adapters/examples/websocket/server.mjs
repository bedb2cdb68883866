// A WebSocket server, as for Media Streams, that checks the signature of the
// handshake. TRUST_PROXY=1: a proxy in front ends TLS, and its X-Forwarded-*
// headers hold.
import { createServer } from "node:http";
import twilio from "twilio";
import { WebSocketServer } from "ws";

const trusted = Boolean(process.env.TRUST_PROXY);
const sockets = new WebSocketServer({ noServer: true });
const server = createServer((_, response) => response.writeHead(426).end());

server.on("upgrade", (request, socket, head) => {
  const { headers } = request;
  const scheme = trusted && headers["x-forwarded-proto"] === "https" ? "wss" : "ws";
  const host = (trusted && headers["x-forwarded-host"]) || headers.host;
  const signature = headers["x-twilio-signature"] ?? "";
  // The SDK throws at what is no URL, as when a client sends an absolute target.
  let valid = false;
  try {
    valid = twilio.validateRequest(process.env.TWILIO_AUTH_TOKEN, signature, `${scheme}://${host}${request.url}`, {});
  } catch {}
  if (!valid) {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, socket, head, (connection) => connection.on("message", () => {}));
});
server.listen(process.env.PORT, "127.0.0.1");
