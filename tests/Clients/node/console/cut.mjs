// A relay that can be held and cut, between a browser and where the objects are. The browser takes it for that server itself: addresses and signatures stay.
import net from "node:net";

/** Counts, holds and cuts what browsers send to a server. */
export class Relay {
  /** Bytes that were let through to the server. */
  through = 0;
  /** No more than so many are let through; what comes behind waits. */
  limit = Infinity;
  /** Whether nobody gets through at all. */
  isCut = false;
  #sockets = new Set();

  /** Listens on a free port. */
  static async to(endpoint) {
    const relay = new Relay(), { hostname, port } = new URL(endpoint);
    relay.server = net.createServer((front) => relay.#serve(front, hostname, port || 80));
    await new Promise((listening) => relay.server.listen(0, "127.0.0.1", listening));
    relay.server.unref();
    relay.port = relay.server.address().port;
    return relay;
  }

  /** Ends all connections without a word, and each that is tried until {@link mend}. */
  cut() {
    this.isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Lets through again. */
  mend() {
    this.isCut = false;
  }

  #serve(front, host, port) {
    if (this.isCut) return front.resetAndDestroy();
    const back = net.connect(port, host);
    for (const socket of [front, back]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { this.#sockets.delete(socket); front.destroy(); back.destroy(); });
    }
    back.pipe(front);
    front.on("data", (bytes) => {
      this.through += bytes.length;
      back.write(bytes);
      if (this.through < this.limit && back.writableLength < 1 << 20) return;
      front.pause();
      const look = setInterval(() => {
        if (front.destroyed) return clearInterval(look);
        if (this.through >= this.limit || back.writableLength >= 1 << 20) return;
        clearInterval(look);
        front.resume();
      }, 5);
    });
  }
}
