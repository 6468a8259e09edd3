// The desk, only better: keys press the buttons that are there, saving draws no page anew, and what is typed is
// never thrown away. Without it every button is a form.
"use strict";

const form = document.getElementById("viec");
const words = Object.fromEntries(
  [...document.getElementById("chu").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
const told = document.querySelector(".saved");
const stories = () => [...document.querySelectorAll(".tin")];
const storyOf = (id) => document.getElementById(`tin-${id}`);
let current = null; // the story that keys act on
let queue = Promise.resolve(); // one request after another: each knows the revision that the last one made
let waiting = 0;
const openTotal = document.getElementById("chua-quyet");
const undecided = () => document.querySelectorAll('.state[data-mark=""][data-joined=""]').length;
let openShown = undecided();

/* Saving */

function send(address, fields) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of fields) if (name !== "csrftoken") body.set(name, value);
  for (const name of new Set(fields.map(([name]) => name))) {
    const all = fields.filter(([other]) => other === name);
    if (all.length > 1) { body.delete(name); for (const [, value] of all) body.append(name, value); }
  }
  return fetch(address, { method: "POST", body, headers: { accept: "application/json" }, redirect: "error" });
}

function fresh(viec, editor) { // the work asked for, with the revisions that the reader sees; a form's as it was filled
  const [id, , , ...what] = viec.split(".");
  const seen = editor || storyOf(id)?.querySelector(".state");
  return seen?.dataset.rev ? [id, seen.dataset.rev, seen.dataset.noteRev, ...what].join(".") : viec;
}

function save(address, fields, editor) {
  waiting += 1;
  queue = queue.then(async () => {
    try {
      const now = fields.map(([name, value]) => [name, name === "viec" ? fresh(value, editor) : value]);
      const answer = await send(address, now);
      if (!(answer.headers.get("content-type") || "").includes("json")) throw new Error(words.ended);
      took(await answer.json(), answer.ok, editor);
    } catch (error) {
      tell(error.message === words.ended ? words.ended : words.failed, editor);
    } finally {
      waiting -= 1;
    }
  });
  return queue;
}

function took(answer, ok, editor) {
  for (const [id, html] of Object.entries(answer.stories || {})) drawState(id, html, ok);
  countOpen();
  if (answer.edition !== undefined) drawEdition(answer.edition);
  if (answer.sum) document.querySelector(".dock .sum").textContent = answer.sum;
  if (answer.error) return tell(answer.error, editor);
  if (!ok) return refused(answer, editor);
  told.textContent = answer.saved;
  told.classList.remove("problem");
  if (editor) close(editor);
  if (answer.focus && storyOf(answer.focus)) go(storyOf(answer.focus));
  return undefined;
}

function countOpen() { // those not shown stay as they were counted
  const open = undecided();
  if (openTotal) openTotal.textContent = Number(openTotal.textContent.replace(/\D/g, "")) + open - openShown;
  openShown = open;
}

function refused(answer, editor) {
  const at = editor;
  if (at && answer.conflict) { at.querySelector(".told").innerHTML = answer.conflict; [, at.dataset.rev, at.dataset.noteRev] = answer.viec.split("."); }
  for (const [name, sentence] of Object.entries(answer.problems || {})) problem(at, name, sentence);
  tell(answer.sentence || "", at);
}

function problem(editor, name, sentence) {
  const field = editor?.elements[name];
  if (!field) return tell(sentence, editor);
  field.setAttribute("aria-invalid", "true");
  const line = Object.assign(document.createElement("span"), { className: "problem", textContent: sentence });
  line.setAttribute("role", "alert");
  field.parentElement.querySelector(".problem")?.remove();
  field.after(line);
  field.focus();
  return undefined;
}

function tell(sentence, editor) {
  if (!sentence) return;
  const line = editor?.querySelector("[data-told]") || told;
  line.textContent = sentence;
  line.classList.add("problem");
}

function drawState(id, html, ours) {
  const old = storyOf(id)?.querySelector(".state");
  if (!old) return;
  const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  const wasOpen = old.querySelector("details.rest")?.open;
  old.outerHTML = html;
  const state = storyOf(id).querySelector(".state");
  const editor = storyOf(id).querySelector(".editor");
  for (const rev of ours && editor ? ["rev", "noteRev"] : []) { // what we changed ourselves is known to the open form
    if (editor.dataset[rev] === old.dataset[rev]) editor.dataset[rev] = state.dataset[rev];
  }
  if (wasOpen && state.querySelector("details.rest")) state.querySelector("details.rest").open = true;
  if (key) (state.querySelector(`[data-key="${key}"]`) || storyOf(id)).focus({ preventScroll: true });
}

function drawEdition(html) {
  const list = document.querySelector(".edition-list");
  const at = list.contains(document.activeElement) ? document.activeElement : null;
  const [id, key] = [at?.closest("li")?.dataset.for, at?.dataset.key];
  const scrolled = list.scrollTop;
  list.innerHTML = html;
  list.scrollTop = scrolled;
  if (id) (list.querySelector(`[data-for="${id}"] [data-key="${key}"]`) || list.querySelector(`[data-for="${id}"] button`))?.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  const editor = event.target.closest(".editor");
  if (event.target !== form && !editor) return;
  const address = event.submitter?.getAttribute("formaction") || event.target.getAttribute("action");
  if (!/\/ban\/(tin|hoan-tac)$/.test(address)) return;
  event.preventDefault();
  const fields = [...new FormData(event.target, event.submitter)];
  if (!editor) mark(event.submitter);
  save(address, fields, editor);
});

function mark(button) { // at once, what the answer will confirm
  const marks = { chon: "chosen", "noi-bat": "chosen", "de-lai": "left", "khong-lien-quan": "irrelevant", bo: "" };
  const [id, , , what] = button.value.split(".");
  const state = storyOf(id)?.querySelector(".state");
  if (state && what in marks) state.dataset.mark = marks[what];
}

/* Writing */

const FIELDS = { "nhan-xet": "comment", "ghi-chu": "note", giao: "assignee", han: "due", muc: "section" };

function open(story, name) {
  let editor = story.querySelector(".editor");
  if (!editor) {
    story.append(document.getElementById("mau").content.cloneNode(true));
    editor = story.querySelector(".editor");
    fill(editor, story);
  }
  if (name) editor.elements[name].focus();
  return editor;
}

function fill(editor, story) {
  const state = story.querySelector(".state");
  for (const [name, data] of Object.entries(FIELDS)) editor.elements[name].value = state.dataset[data];
  editor.elements.tit.value = state.dataset.title || story.querySelector("h3").textContent.trim();
  editor.elements["tom-tat"].value = state.dataset.summary || (story.querySelector(".lead")?.textContent.trim() ?? "");
  editor.elements.viec.value = `${story.dataset.id}.0.0.sua`;
  [editor.dataset.rev, editor.dataset.noteRev] = [state.dataset.rev, state.dataset.noteRev];
  for (const one of document.querySelectorAll(".edition-list li")) {
    if (one.dataset.for !== story.dataset.id) editor.elements.gop.add(new Option(one.querySelector("a").textContent.trim(), one.dataset.for));
  }
  const joined = state.dataset.joined;
  if (joined && !document.querySelector(`.edition-list [data-for="${joined}"]`)) {
    editor.elements.gop.add(new Option(document.getElementById(`tit-${joined}`)?.textContent.trim() ?? joined, joined));
  }
  editor.elements.gop.value = joined;
  editor.querySelector(".aparts").append(story.querySelector("[data-aparts]")?.content.cloneNode(true) ?? "");
  editor.before0 = typed(editor);
}

const typed = (editor) => JSON.stringify([...new FormData(editor)]);

function close(editor) {
  const story = editor.closest(".tin");
  editor.remove();
  go(story);
}

document.addEventListener("click", (event) => {
  const onward = event.target.closest("a.go");
  if (onward && waiting && !event.ctrlKey && !event.metaKey) { event.preventDefault(); queue.then(() => onward.click()); }
  const link = event.target.closest("[data-edit]");
  if (link && document.getElementById("mau")) { event.preventDefault(); open(link.closest(".tin"), link.dataset.edit); }
  const shut = event.target.closest("[data-close]");
  if (shut) { event.preventDefault(); close(shut.closest(".editor")); }
});

window.addEventListener("beforeunload", (event) => { // what is typed, and what is on its way
  const open = [...document.querySelectorAll(".editor")].some((one) => one.before0 !== undefined && one.before0 !== typed(one));
  if (waiting || open) event.preventDefault();
});

/* Keys */

function go(story) {
  if (!story) return;
  current?.classList.remove("here");
  current = story;
  story.classList.add("here");
  story.focus({ preventScroll: true });
  story.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = stories();
  const at = current ? all.indexOf(current) + by : 0;
  go(all[Math.min(Math.max(at, 0), all.length - 1)]);
}

function press(key, story = current) {
  if (waiting && /^[1-5]$/.test(key)) return queue.then(() => press(key, story)); // tone or reason: the answer to «r» says
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "?") return document.body.classList.toggle("with-keys");
  if (key === "u" || key === "p") return document.querySelector(`.dock [data-key="${key}"]`)?.click();
  if (!story) return undefined;
  if (key === "Enter") return story.querySelector("h3 a").click();
  const id = story.dataset.id;
  const place = key === "J" || key === "K" ? document.querySelector(`.edition-list [data-for="${id}"]`) : story;
  return place?.querySelector(`[data-key="${key}"]`)?.click();
}

const TONES = { "\u0323": "j", "\u0303": "x", "\u0309": "r", "\u0301": "1", "\u0300": "2" }; // of Telex, else of VNI

function plain(event) { // the key itself, where Caps Lock is on or a Vietnamese input method made «ọ» of o and j
  const [base, ...marks] = event.key.normalize("NFD");
  if (event.key.length > 1 && !marks.length) return event.key;
  if (marks.length && event.key.normalize("NFC").length === 1) return TONES[marks.at(-1)] ?? base.toLowerCase();
  return event.key.length > 1 ? event.key : event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  const editor = event.target.closest?.(".editor");
  if (editor && event.key === "Escape") return close(editor);
  if (editor && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return editor.requestSubmit();
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !document.getElementById("phim").checked) return undefined;
  const pressed = event.target.closest?.("button, a, summary");
  const key = plain(event);
  if (key === "Enter" ? pressed : !/^[jkxortmcnef12345JKup?]$/.test(key)) return undefined;
  event.preventDefault();
  return press(key);
});

document.addEventListener("focusin", (event) => {
  const story = event.target.closest(".tin");
  if (story && story !== current) { current?.classList.remove("here"); current = story; story.classList.add("here"); }
});

for (const one of document.querySelectorAll(".editor")) [, one.dataset.rev, one.dataset.noteRev] = one.elements.viec.value.split(".");
for (const one of document.querySelectorAll(".keys-only")) one.hidden = false;
for (const one of document.querySelectorAll('button[type="button"][data-key]')) one.addEventListener("click", () => press(one.dataset.key));
const keys = document.getElementById("phim");
try { // some browsers keep nothing
  keys.checked = localStorage.getItem("diemtin-phim") !== "0";
  keys.addEventListener("change", () => localStorage.setItem("diemtin-phim", keys.checked ? "1" : "0"));
} catch { /* then the keys are on */ }
if (location.hash.startsWith("#tin-")) go(document.querySelector(location.hash));
