"use strict";

// Completes the word before the caret by the list that the page has. Without this the list is not shown, and everything else works.
(() => {
  const input = document.querySelector("[data-complete]");
  const list = input && document.getElementById(input.dataset.complete);
  if (!list) return;
  const options = [...list.children];
  options.forEach((option, i) => { option.id = `${list.id}-${i}`; });
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  let chosen = -1;
  const shown = () => options.filter((option) => !option.hidden);
  const choose = (index) => {
    chosen = index;
    shown().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    const option = shown()[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = (isShown) => {
    list.hidden = !isShown;
    input.setAttribute("aria-expanded", String(isShown));
    if (!isShown) choose(-1);
  };
  const word = () => {
    const before = input.value.slice(0, input.selectionStart);
    // Within quotation marks there are values.
    if ((before.match(/"/g) ?? []).length % 2 === 1) return null;
    return before.match(/[^\s()=<>!"]*$/)[0];
  };
  const look = () => {
    const typed = word();
    for (const option of options) {
      const value = option.dataset.value.toLowerCase();
      option.hidden = !typed || value === typed.toLowerCase() || !value.includes(typed.toLowerCase());
    }
    show(shown().length > 0);
  };
  const take = (option) => {
    const typed = word() ?? "", at = input.selectionStart, value = option.dataset.value, isOpen = /[.-]$/.test(value);
    input.setRangeText(value + (isOpen ? "" : " "), at - typed.length, at, "end");
    show(false);
    input.focus();
  };
  input.addEventListener("input", look);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = shown();
    if (event.key === "ArrowDown") choose((chosen + 1) % all.length);
    else if (event.key === "ArrowUp") choose(chosen <= 0 ? all.length - 1 : chosen - 1);
    else if (event.key === "Escape") show(false);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) take(all[chosen]);
    else return;
    event.preventDefault();
  });
  // Before the input loses the focus, which would hide what is pressed.
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("li");
    event.preventDefault();
    if (option) take(option);
  });
  show(false);
})();
