"use strict";

// Sends files and folders straight to where objects are, by links that the console signs: large ones in parts, several at a time. What fails for
// a while is sent again; what a lost connection or a closed page has cut goes on where it was.
(() => {
  const panel = document.getElementById("upload");
  if (!panel) return;
  const { at, prefix, here } = panel.dataset;
  const token = panel.querySelector("[name=form]").value;
  const atOnce = { files: 3, transfers: 4, links: 16 }, mostFiles = 10_000, mostShown = 200, attempts = 12;
  const part = (name) => panel.querySelector(`[data-part=${name}]`);
  const items = [];
  let isPaused = false, running = 0, transfers = 0, due, wake = () => {}, woken = new Promise((done) => { wake = done; });
  const began = { at: 0, bytes: 0 };
  const waiting = [];

  // What wakes everything that waits: a press of a button, or the connection that is back.
  const rouse = () => { const all = wake; woken = new Promise((done) => { wake = done; }); all(); };
  const pause = (milliseconds) => Promise.race([woken, new Promise((done) => setTimeout(done, milliseconds))]);

  class Failure extends Error {
    constructor(message, { again = false, code = "", isLost = false } = {}) { super(message); Object.assign(this, { again, code, isLost }); }
  }
  const over = new Failure("cancelled"), held = new Failure("paused");
  const lost = (url) => new Failure(`The connection to ${new URL(url, location.href).host} was lost. Retry goes on where it stopped.`, { again: true, isLost: true });

  // Unfinished uploads in parts, so that the same file goes on after the page was left; as many as a person may want back.
  const memory = {
    name: "zenkofn-uploads",
    all() { try { return JSON.parse(localStorage.getItem(this.name)) ?? []; } catch { return []; } },
    of: (item) => JSON.stringify([at, item.key, item.file.size, item.file.lastModified]),
    find(item) { return this.all().find((each) => each[0] === this.of(item)); },
    set(item, ...values) {
      const rest = this.all().filter((each) => each[0] !== this.of(item));
      try { localStorage.setItem(this.name, JSON.stringify([...rest, ...values.length ? [[this.of(item), ...values]] : []].slice(-50))); } catch { /* Then it begins anew. */ }
    },
  };

  // Asks the console.
  const ask = async (item, path, fields = {}) => {
    let answer;
    try {
      answer = await fetch(at + path, { method: "POST", body: new URLSearchParams({ form: token, key: item.key, ...fields }), signal: AbortSignal.timeout(60_000) });
    } catch {
      throw lost(at);
    }
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json().catch(() => null) : null;
    if (answer.ok && told) return told;
    if (answer.status >= 500 || answer.status === 429) throw new Failure(told?.detail ?? "The server cannot answer now. Retry in a moment.", { again: true });
    if (!told) throw new Failure("Your session is over. Load this page again, sign in, and choose the same files: they go on where they stopped.");
    throw new Failure(told.code === "AccessDenied" ? `${told.title}. ${told.advice}` : `${told.title}. ${told.detail} ${told.advice}`, { code: told.code });
  };

  // Sends bytes to where objects are; gives the ETag.
  const put = (item, link, bytes, told) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const end = (act, value) => { item.requests.delete(request); act(value); };
    item.requests.add(request);
    request.open("PUT", link);
    request.setRequestHeader("Content-Type", item.type);
    let quiet;
    // A connection that is lost without a word.
    const watch = () => { clearTimeout(quiet); quiet = setTimeout(() => { request.isQuiet = true; request.abort(); }, 60_000); };
    request.upload.onprogress = (event) => { watch(); told(event.loaded); draw(); };
    request.onload = () => {
      if (request.status === 200) return end(done, (request.getResponseHeader("ETag") ?? "").replaceAll('"', ""));
      const of = (name) => request.responseXML?.querySelector(name)?.textContent ?? "";
      // A link that is too old is made anew; what else is refused stays refused.
      const again = request.status >= 500 || [408, 429].includes(request.status) || /expired/i.test(of("Message")) || ["IncompleteBody", "RequestTimeout"].includes(of("Code"));
      end(fail, new Failure(`${request.status === 403 ? "You may not write this" : "It was not taken"}. ${of("Message")}`, { again, code: of("Code") }));
    };
    request.onerror = () => end(fail, lost(link));
    request.onabort = () => end(fail, item.isOver ? over : request.isQuiet ? lost(link) : held);
    request.onloadend = () => clearTimeout(quiet);
    watch();
    request.send(bytes);
  });

  // Does something until it is done, cancelled, or has failed for good.
  const insist = async (item, act) => {
    for (let failed = 0; ;) {
      while (isPaused && !item.isOver) await woken;
      if (item.isOver) throw over;
      try {
        return await act();
      } catch (e) {
        if (e === held) continue;
        if (!(e instanceof Failure)) throw new Failure(`${e.name}: ${e.message}`);
        if (e.isLost && !await isReadable(item)) throw new Failure("The file was changed or moved since it was chosen. Choose it again.");
        if (!e.again || item.isOver || ++failed >= attempts) throw item.isOver ? over : e;
        show(item, e.isLost ? "Connection lost. Trying again…" : "Trying again…");
        await pause(Math.min(30_000, 500 * 2 ** failed) * (0.75 + Math.random() / 2));
        show(item, "");
      }
    }
  };
  const isReadable = (item) => item.file.slice(0, 1).arrayBuffer().then(() => true, () => false);

  const transfer = (item, link, bytes, number) => insist(item, async () => {
    while (transfers >= atOnce.transfers) await new Promise((free) => waiting.push(free));
    transfers++;
    try {
      if (isPaused) throw held;
      return await put(item, await link(), bytes, (loaded) => item.loaded.set(number, loaded));
    } finally {
      item.loaded.delete(number);
      transfers--;
      waiting.shift()?.();
    }
  });

  const send = async (item) => {
    const known = item.upload ? null : memory.find(item);
    if (known) Object.assign(item, { upload: known[1], part: known[2] });
    if (!item.upload) {
      const begun = await insist(item, () => ask(item, "", { size: item.file.size, type: item.type, ...item.replaces ? { replace: 1 } : {} }));
      if (begun.exists) return "asks";
      if (begun.link) {
        let link = begun.link;
        item.replaces = true;
        const fresh = async () => { const given = link ?? (await ask(item, "", { size: item.file.size, type: item.type, replace: 1 })).link; link = null; return given; };
        await transfer(item, fresh, item.file, 1);
        return "done";
      }
      Object.assign(item, begun);
      memory.set(item, item.upload, item.part);
    }
    const count = Math.ceil(item.file.size / item.part), size = (n) => Math.min(item.part, item.file.size - (n - 1) * item.part);
    item.etags ??= new Array(count).fill("");
    if (item.isCut || known) {
      try {
        const { parts } = await insist(item, () => ask(item, "/parts", { upload: item.upload }));
        for (const [n, bytes, etag] of parts) if (n <= count && bytes === size(n)) item.etags[n - 1] = etag;
      } catch (e) {
        if (e.code === "NoSuchUpload") { forget(item); return send(item); }
        // Who may not list parts sends those again of which nothing was heard.
        if (e.code !== "AccessDenied") throw e;
      }
    }
    item.isCut = true;
    const links = new Map(), missing = () => item.etags.flatMap((etag, i) => etag || item.taken.has(i + 1) ? [] : [i + 1]);
    const linkOf = async (n) => {
      if (!links.has(n)) {
        const wanted = [n, ...missing().filter((other) => !links.has(other)).slice(0, atOnce.links - 1)];
        const signed = ask(item, "/sign", { upload: item.upload, parts: wanted.join() });
        wanted.forEach((each, i) => links.set(each, [signed, i]));
      }
      const [signed, i] = links.get(n);
      // Each is used once: the next try has one that has not expired.
      links.delete(n);
      return (await signed).links[i];
    };
    item.taken = new Set();
    let hasFailed = false;
    const lane = async () => {
      for (let n; (n = missing()[0]) && !item.isOver && !hasFailed;) {
        item.taken.add(n);
        const sending = transfer(item, () => linkOf(n), item.file.slice((n - 1) * item.part, (n - 1) * item.part + size(n)), n);
        item.etags[n - 1] = await sending.catch((e) => { hasFailed = true; throw e; });
        draw();
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: Math.min(count, atOnce.transfers) }, lane));
    const failed = ends.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    if (item.isOver) throw over;
    await insist(item, () => ask(item, "/complete", { upload: item.upload, etags: item.etags.join() }));
    memory.set(item);
    return "done";
  };

  // What has arrived of it takes up room until then.
  const abort = async (item) => {
    const { upload } = item;
    if (!upload) return;
    forget(item);
    for (let failed = 0; failed < attempts; failed++) {
      try { return await ask(item, "/abort", { upload }); } catch (e) { if (!e.again) return; }
      await pause(1000 * 2 ** failed);
    }
  };
  const forget = (item) => { memory.set(item); Object.assign(item, { upload: undefined, etags: undefined, isCut: false }); };

  const run = async (item) => {
    running++;
    item.state = "sends";
    show(item, "");
    try {
      item.state = await send(item);
      show(item, item.state === "asks" ? "Already there. Replaced, it stays as an older version only if the bucket keeps versions." : "");
    } catch (e) {
      if (e.code === "NoSuchUpload") forget(item);
      item.state = e === over ? "cancelled" : "failed";
      item.isLost = e.isLost === true;
      show(item, e === over ? "Cancelled" : e.message);
      if (e === over) abort(item);
    }
    running--;
    pump();
  };

  const pump = () => {
    for (const item of items) {
      if (running >= atOnce.files) break;
      if (item.state === "waits") run(item);
    }
    const left = items.some((item) => ["waits", "sends"].includes(item.state));
    draw();
    // The page as the server has it now, where nothing is left to decide.
    const done = items.filter((item) => item.state === "done").length;
    if (!left && done > 0 && items.every((item) => ["done", "skipped", "cancelled"].includes(item.state)))
      location.assign(`${here}${here.includes("?") ? "&" : "?"}uploaded=${done}`);
  };

  const again = (item, more = {}) => { if (!["failed", "asks"].includes(item.state)) return; Object.assign(item, { state: "waits", isOver: false, ...more }); show(item, ""); };

  /* What is seen. */

  const make = (tag, properties, ...children) => { const made = Object.assign(document.createElement(tag), properties); made.append(...children); return made; };
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const bytes = (value) => { let unit = 0; while (value >= 1023.5 && unit < 4) { value /= 1024; unit++; } return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`; };
  const time = (seconds) => seconds < 60 ? `${Math.ceil(seconds)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  const sent = (item) => {
    if (item.state === "done") return item.file.size;
    let sum = 0;
    item.etags?.forEach((etag, i) => { if (etag) sum += Math.min(item.part, item.file.size - i * item.part); });
    for (const each of item.loaded.values()) sum += each;
    return Math.min(sum, item.file.size);
  };

  const row = (item) => {
    const name = item.key.slice(prefix.length);
    const press = (text, act) => { const button = make("button", { type: "button" }, text, make("span", { className: "hidden" }, ` ${name}`)); button.onclick = act; return button; };
    item.bar = make("progress", { max: 1, value: 0 });
    item.bar.setAttribute("aria-label", name);
    item.told = make("span", { className: "hint" });
    item.buttons = {
      replace: press("Replace", () => { again(item, { replaces: true }); pump(); }),
      skip: press("Skip", () => { item.state = "skipped"; show(item, "Skipped"); pump(); }),
      retry: press("Retry", () => { again(item); rouse(); pump(); }),
      cancel: press("Cancel", () => cancel(item)),
    };
    item.row = make("li", {}, make("span", { className: "name" }, name), item.told, item.bar, make("span", { className: "actions" }, ...Object.values(item.buttons)));
    part("files").append(item.row);
  };
  const cancel = (item) => {
    item.isOver = true;
    // What failed in the middle has parts that nobody wants any more.
    const isIdle = item.state !== "sends";
    for (const request of item.requests) request.abort();
    if (isIdle) { abort(item); item.state = "cancelled"; show(item, "Cancelled"); }
    rouse();
    pump();
  };

  const show = (item, text) => { item.text = text; draw(); };
  // As often as eyes follow.
  const draw = () => { due ??= setTimeout(() => { due = undefined; paint(); }, 100); };
  const paint = () => {
    const now = performance.now();
    let shown = 0, total = 0, through = 0;
    const count = { done: 0, failed: 0, asks: 0, sends: 0, waits: 0 };
    for (const item of items) {
      const isCounted = !["skipped", "cancelled"].includes(item.state), has = sent(item);
      if (isCounted) { total += item.file.size; through += has; }
      if (item.state in count) count[item.state]++;
      // Of ten thousand files those are shown that are sent now or that want something, and the first of the others.
      const isShown = item.state === "waits" || item.state === "done" || !isCounted ? shown < mostShown : true;
      if (!isShown && item.row) { item.row.remove(); item.row = null; }
      if (!isShown) continue;
      shown++;
      if (!item.row) row(item);
      item.row.dataset.state = item.state;
      item.bar.value = item.file.size > 0 ? has / item.file.size : item.state === "done" ? 1 : 0;
      item.bar.hidden = ["asks", "skipped", "cancelled"].includes(item.state);
      const told = item.text || (item.state === "done" ? `${bytes(item.file.size)}, done` : item.state === "sends" ? `${isPaused ? "Paused at " : ""}${bytes(has)} of ${bytes(item.file.size)}` : `${bytes(item.file.size)}, waiting`);
      if (item.told.textContent !== told) item.told.textContent = told;
      item.buttons.replace.hidden = item.buttons.skip.hidden = item.state !== "asks";
      item.buttons.retry.hidden = item.state !== "failed";
      item.buttons.cancel.hidden = !["waits", "sends", "failed"].includes(item.state);
    }
    if (items.length === 0) return;
    part("sending").hidden = false;
    part("all").value = total > 0 ? through / total : 1;
    const isUnderWay = count.sends + count.waits > 0;
    const took = (now - began.at) / 1000, rate = (through - began.bytes) / took;
    part("rate").textContent = isPaused && isUnderWay ? "Paused" : isUnderWay && took > 2 && rate > 0 ? `${bytes(rate)}/s, ${time((total - through) / rate)} left` : "";
    part("amount").textContent = `${bytes(through)} of ${bytes(total)}`;
    const said = [`${count.done} of ${items.length} done`, count.failed && `${count.failed} failed`, count.asks && `${count.asks} already there`].filter(Boolean).join(", ");
    // Read out where it changes.
    if (part("told").textContent !== said) part("told").textContent = said;
    part("pause").hidden = !isUnderWay;
    part("pause").textContent = isPaused ? "Resume" : "Pause";
    part("retry").hidden = count.failed === 0;
    part("replace").hidden = count.asks < 2;
    part("cancel").hidden = !isUnderWay;
  };
  const restart = () => { began.at = performance.now(); began.bytes = items.reduce((sum, item) => sum + (["skipped", "cancelled"].includes(item.state) ? 0 : sent(item)), 0); };

  part("pause").onclick = () => {
    isPaused = !isPaused;
    if (isPaused) for (const item of items) for (const request of item.requests) request.abort();
    restart();
    rouse();
    draw();
  };
  part("retry").onclick = () => { items.forEach((item) => item.state === "failed" && again(item)); rouse(); pump(); };
  part("replace").onclick = () => { items.forEach((item) => item.state === "asks" && again(item, { replaces: true })); pump(); };
  part("cancel").onclick = () => items.filter((item) => ["waits", "sends"].includes(item.state)).forEach(cancel);
  addEventListener("online", () => { items.forEach((item) => item.state === "failed" && item.isLost && again(item)); rouse(); pump(); });
  addEventListener("beforeunload", (event) => { if (items.some((item) => ["waits", "sends"].includes(item.state))) event.preventDefault(); });

  /* What is chosen. */

  const add = (files) => {
    if (running === 0) restart();
    const known = new Map(items.map((item) => [item.key, item]));
    for (const [file, path] of files) {
      const key = prefix + path, item = known.get(key);
      if (item && ["waits", "sends"].includes(item.state)) continue;
      if (item) {
        // Chosen once more. What has arrived of another content is of no use.
        if (item.file.size !== file.size || item.file.lastModified !== file.lastModified) forget(item);
        Object.assign(item, { file, state: "waits", isOver: false, text: "" });
      } else if (items.length < mostFiles) {
        items.push({ file, key, type: file.type || "application/octet-stream", state: "waits", text: "", loaded: new Map(), requests: new Set(), taken: new Set() });
      } else {
        part("many").hidden = false;
        break;
      }
    }
    pump();
  };
  for (const input of panel.querySelectorAll("input[type=file]")) {
    input.onchange = () => { add([...input.files].map((file) => [file, file.webkitRelativePath || file.name])); input.value = ""; };
  }
  const walk = async (entry, path, found) => {
    if (found.length >= mostFiles) return;
    if (entry.isFile) return found.push([await new Promise((done, fail) => entry.file(done, fail)), path + entry.name]);
    const reader = entry.createReader();
    // A folder gives a hundred at a time, and none at its end.
    for (let some; (some = await new Promise((done, fail) => reader.readEntries(done, fail))).length > 0;) for (const each of some) await walk(each, `${path}${entry.name}/`, found);
  };
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  const over_ = (by) => { depth = Math.max(0, depth + by); panel.classList.toggle("over", depth > 0); };
  addEventListener("dragenter", (event) => hasFiles(event) && over_(1));
  addEventListener("dragleave", (event) => hasFiles(event) && over_(-1));
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over_(-depth);
    // What was dropped is gone when the event is over: entries are taken first.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = entries.length > 0 ? [] : [...event.dataTransfer.files].map((file) => [file, file.name]);
    try { for (const entry of entries) await walk(entry, "", found); } catch { part("unread").hidden = false; }
    add(found);
  });
  panel.hidden = false;
})();
