"use strict";

// Pages work without this. A button that copies what a field holds.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  // Browsers let pages do that by HTTPS and on this machine alone.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => navigator.clipboard.writeText(field.value).then(() => { button.textContent = "Copied"; }, () => field.select()));
}

// On a narrow screen the sections are one line that is longer than that.
document.querySelector(".side nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// It shows those parts of a page anew that are marked as live, while somebody looks at them: each half
// minute, or every so many seconds where one of them says so.
(() => {
  const usual = 30;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  if (parts().length === 0) return;
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 1000 * Math.min(...parts().map((part) => Number(part.dataset.every) || usual)));
  };
  const refresh = () => {
    if (document.hidden || document.querySelector("[data-live] :focus")) return wait();
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = 1000 * usual;
    request.onload = () => {
      const fresh = request.response;
      if (request.status !== 200 || !fresh) return;
      // The session is over: what is answered is the page that asks for one.
      if (!fresh.querySelector("[data-live]")) return location.reload();
      for (const part of parts()) {
        const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
        // What goes on no more may leave other things to do on the page.
        if (part.dataset.every && other && !other.dataset.every) return location.reload();
        if (other && !part.isEqualNode(other)) part.replaceWith(document.importNode(other, true));
      }
    };
    request.onloadend = wait;
    request.send();
  };
  wait();
  document.addEventListener("visibilitychange", refresh);
})();

// A button that only tells something of a form has that part of the answer put where it belongs: what was typed, secrets too, stays where it is.
document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  const here = button?.dataset.refresh && document.querySelector(`[data-part="${button.dataset.refresh}"]`);
  if (!here) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form));
  if (button.name) fields.set(button.name, button.value);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.onloadend = () => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    const fresh = request.response?.querySelector(`[data-part="${here.dataset.part}"]`);
    if (!fresh) {
      button.removeAttribute("data-refresh");
      return form.requestSubmit(button);
    }
    here.replaceChildren(...document.importNode(fresh, true).childNodes);
    button.focus();
  };
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  request.send(fields);
});
