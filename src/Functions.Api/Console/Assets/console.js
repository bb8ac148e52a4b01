"use strict";

// Pages work without this. It shows those parts of a page anew that are marked as live, while somebody looks at them.
(() => {
  const every = 30_000;
  const parts = () => document.querySelectorAll("[data-live]");
  if (parts().length === 0) return;
  const refresh = () => {
    if (document.hidden || document.querySelector("[data-live] :focus")) return;
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = every;
    request.onload = () => {
      const fresh = request.response;
      if (request.status !== 200 || !fresh) return;
      // The session is over: what is answered is the page that asks for one.
      if (!fresh.querySelector("[data-live]")) return location.reload();
      for (const part of parts()) {
        const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
        if (other && !part.isEqualNode(other)) part.replaceWith(document.importNode(other, true));
      }
    };
    request.send();
  };
  setInterval(refresh, every);
  document.addEventListener("visibilitychange", refresh);
})();
