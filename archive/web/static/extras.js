// Only adds: `/` goes to the search box, which offers names; «Sao chép» copies an address, «In cả bản» prints. Every page works without it.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector(".find input");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, document.baseURI).href);
    button.textContent = document.body.dataset.copied;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// What the search box offers while someone types: documents, places, outlets, topics; asked of this site alone.
function offering(box) {
  const list = document.createElement("ul");
  Object.assign(list, { id: "goi-y", className: "offers", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.offered);
  box.form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" }))
    box.setAttribute(name, value);
  let asking = null, waiting = 0, chosen = -1;

  const choose = (at) => {
    chosen = at;
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    if (at < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const show = (offers) => {
    list.replaceChildren(...offers.map((offer, n) => {
      const line = document.createElement("li"), name = document.createElement("span"), kind = document.createElement("small");
      name.textContent = offer.name;
      kind.textContent = offer.told;
      line.id = `goi-y-${n}`;
      line.setAttribute("role", "option");
      line.dataset.href = offer.href;
      line.append(name, " ", kind);
      return line;
    }));
    list.hidden = !offers.length;
    box.setAttribute("aria-expanded", String(offers.length > 0));
    choose(-1);
  };
  const ask = async () => {
    const typed = box.value.trim();
    asking?.abort();
    if (typed.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.offers}?${new URLSearchParams({ q: typed.slice(0, 100) })}`, { signal: asking.signal, redirect: "error", headers: { accept: "application/json" } });
      if (!answer.ok) return close();
      const { offers } = await answer.json();
      if (document.activeElement === box && box.value.trim() === typed) show(offers);
    } catch {} // stopped, or not reached: the box works as without offers
  };
  const open = (line) => { if (line) { close(); location.assign(line.dataset.href); } };

  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const many = list.children.length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); ask(); }
    } else if (step) {
      event.preventDefault();
      choose(((chosen + 1 + step + many + 1) % (many + 1)) - 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      open(list.children[chosen]);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => open(event.target.closest("[role=option]")));
}

document.querySelectorAll("input[data-offers]").forEach(offering);
